import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '@switchboard/embedded';
import { kafkaJars, pinsOf } from '@switchboard/embedded/artifacts';
import { expect, test } from 'vitest';
import { memoryOfStart } from './memory-of-start.ts';
import { portNames } from './ports.ts';
import { readRunning } from './running-file.ts';
import { type Cli, finish, leftovers, makeClone, makePath, runCli, untilPrinted } from './testing/run-cli.ts';
import { useClone } from './testing/use-clone.ts';

const { clone, begin, start } = useClone();

async function stop(cli: Cli): Promise<void> {
  cli.child.kill('SIGINT');
  expect((await cli.ended).code).toBe(0);
}

test('cold: it downloads with progress; then offline from the cache; and what is damaged, everywhere, is fetched again', async () => {
  const home = await makeClone();
  try {
    const m2 = join(home.dir, '.m2');
    await mkdir(m2);
    // How this machine's Maven reaches its repository.
    await copyFile(join(homedir(), '.m2', 'settings.xml'), join(m2, 'settings.xml')).catch(() => undefined);
    const env = { HOME: home.dir, MAVEN_OPTS: `-Duser.home=${home.dir}` };
    const names = ['--only', 'kafka,postgres,schema-registry'];

    const cold = await start(clone().dir, names, env);
    const { downloads, files } = pinsOf(kafkaJars());
    const megabytes = (downloads.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1);
    expect(cold.printed()).toContain(`fetching by Maven, once (${megabytes} MB)`);
    expect(cold.printed()).toMatch(/Schema registry [\d.]+: downloaded [\d.]+ of 108\.9 MB, [01] of 1 files/);
    expect(cold.printed()).toMatch(/Kafka [\d.]+: fetched and verified in [\d.]+ s/);
    console.log(cold.printed());
    await stop(cold);

    const PATH = await makePath(home, { mvn: 'echo "nothing is to be fetched"; exit 1' });
    const offline = await start(clone().dir, names, { ...env, PATH });
    expect(offline.printed()).not.toMatch(/fetching|downloaded/);
    await stop(offline);

    const [jar] = files.filter(({ path }) => path.startsWith('kafka-clients'));
    const cached = join(home.dir, '.cache', 'switchboard', kafkaJars().name);
    const inMaven = join(m2, 'repository', 'org', 'apache', 'kafka', 'kafka-clients');
    const [version = ''] = await readdir(inMaven);
    for (const file of [join(cached, jar?.path ?? ''), join(inMaven, version, jar?.path ?? '')]) {
      const bytes = await readFile(file);
      await writeFile(file, bytes.fill(0, 1000, 1010));
    }
    const mended = await start(clone().dir, names, env);
    expect(mended.printed()).toContain(`the cache is damaged (${jar?.path} has SHA-256`);
    expect(mended.printed()).toContain(`what Maven gave is not what is pinned (${jar?.path} has SHA-256`);
    expect(mended.printed()).toContain('fetched and verified');
    await stop(mended);
    expect(
      (await readdir(join(home.dir, '.cache', 'switchboard'))).filter((name) => name.startsWith('.')),
    ).toEqual([]);
  } finally {
    await home.remove();
  }
});

test('two whole clones side by side, one on ports of its own with traffic; one is killed, and the other goes on', async () => {
  const other = await makeClone();
  try {
    const first = await start(clone().dir, ['--demo']);
    await untilPrinted(first, 'Simulated calls arrive');
    const base = 24_000;
    const second = await start(other.dir, ['--ports', String(base)]);
    const [one, two] = await Promise.all([readRunning(clone().data), readRunning(other.data)]);
    const ports = new Map(two?.processes.map(({ name, port }) => [name, port]));
    expect(portNames.map((name) => ports.get(name))).toEqual(portNames.map((_, index) => base + index));
    expect(two?.processes).toHaveLength(10);
    expect(one?.processes.map(({ name }) => name)).toContain('simulate');
    if (one) console.log('memory with traffic, MiB', mebibytes(memoryOfStart(one)));

    const status = await finish(runCli(clone().dir, 'commands/status.ts', []));
    expect(status.printed).toMatch(/simulate +\d+ +posts/);
    expect(status.code).toBe(0);
    await callsArrive();

    const pids = two?.processes.map(({ pid }) => pid) ?? [];
    second.child.kill('SIGKILL');
    while (pids.some(isAlive)) await sleep(100);
    expect(await leftovers(other)).toEqual([]);

    const still = await finish(runCli(clone().dir, 'commands/status.ts', []));
    expect(still.code).toBe(0);
    await stop(first);
  } finally {
    await other.remove();
  }

  async function callsArrive(): Promise<void> {
    const ask = () =>
      finish(runCli(clone().dir, 'commands/clickhouse.ts', ['SELECT count() FROM fact_voice_call']));
    for (let i = 0; i < 60; i++) {
      const { printed } = await ask();
      if (Number(printed.split('\n')[1]) > 0) return;
      await sleep(500);
    }
    throw new Error('no call arrived');
  }
});

test('a service that crashes five times in a minute ends the start with the reason', async () => {
  const cli = begin(clone().dir, ['--only', 'postgres,clickhouse,api'], {
    API_SESSION_HOURS: 'never',
  });
  const { code, printed } = await finish(cli);
  const often = ['', ...[2, 3, 4, 5].map((times) => `, ${times} times in a minute`)];
  expect(printed.match(/api ended .*; starting it again/g)).toEqual(
    often.map((times) => `api ended (exit code 78${times}); starting it again`),
  );
  expect(printed).toContain('api crashed 5 times in a minute, last by exit code 78; see ');
  expect(printed).toContain('npm run logs -- api');
  expect(code).toBe(22);
  const log = await finish(runCli(clone().dir, 'commands/logs.ts', ['api', '-n', '50']));
  expect(log.printed).toContain('API_SESSION_HOURS');
});

function mebibytes({ total, byName }: ReturnType<typeof memoryOfStart>): Record<string, number> {
  const all = [...byName, ['total', total] as const];
  return Object.fromEntries(all.map(([name, bytes]) => [name, Math.round((bytes ?? 0) / 2 ** 20)]));
}
