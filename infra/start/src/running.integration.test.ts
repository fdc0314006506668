import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '@switchboard/embedded';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { memoryOfStart } from './memory-of-start.ts';
import { claimsDir } from './port-claims.ts';
import { readRunning } from './running-file.ts';
import {
  type Cli,
  type Clone,
  finish,
  leftovers,
  makeClone,
  makePath,
  runCli,
  untilPrinted,
} from './testing/run-cli.ts';

const READY = 'Ready after';

let clone: Clone;
let started: Cli[];

beforeEach(async () => {
  clone = await makeClone();
  started = [];
});

afterEach(async () => {
  for (const { child } of started) child.kill('SIGTERM');
  for (const { ended } of started) await ended;
  expect(await leftovers(clone)).toEqual([]);
  await clone.remove();
});

async function start(dir: string, ...args: string[]): Promise<Cli> {
  const cli = runCli(dir, 'main.ts', args);
  started.push(cli);
  await untilPrinted(cli, READY);
  return cli;
}

function command(name: string, args: string[] = [], env: Record<string, string> = {}) {
  return finish(runCli(clone.dir, `commands/${name}.ts`, args, env));
}

test('while one runs, a second start is refused with who it is; status tells, and stop ends it', async () => {
  expect(await command('status')).toMatchObject({
    code: 3,
    printed: expect.stringContaining('does not run here'),
  });
  const cli = await start(clone.dir, '--only', 'postgres');
  const second = await finish(runCli(clone.dir, 'main.ts', ['--only', 'postgres']));
  expect(second.printed).toContain(`Switchboard runs already here (process ${cli.child.pid}, in `);
  expect(second.printed).toContain('npm run stop');
  expect(second.code).toBe(10);

  const running = await readRunning(clone.data);
  const [postgres] = running?.processes ?? [];
  expect(postgres).toMatchObject({ name: 'postgres', state: 'runs', restarts: 0 });
  const status = await command('status');
  expect(status.printed).toMatch(
    new RegExp(`postgres +${postgres?.pid} +${postgres?.port} +listens +\\d+ MiB +0\n`),
  );
  expect(status.printed).toMatch(/Ready, since \d+ s; \d+ MiB in all/);
  expect(status.code).toBe(0);

  const stop = await command('stop');
  expect(stop).toMatchObject({ code: 0, printed: expect.stringContaining('stopped; the data is kept') });
  expect((await cli.ended).code).toBe(0);
  expect(isAlive(postgres?.pid ?? 0)).toBe(false);
  expect(await command('stop')).toMatchObject({
    code: 0,
    printed: expect.stringContaining('does not run here'),
  });
});

test('a killed engine is started again, and status, memory and logs know it', async () => {
  await start(clone.dir, '--only', 'postgres');
  const before = await readRunning(clone.data);
  const pid = before?.processes[0]?.pid ?? 0;
  process.kill(pid, 'SIGKILL');
  const after = await eventually(async () => {
    const running = await readRunning(clone.data);
    return running?.processes[0]?.restarts === 1 && running.processes[0].state === 'runs'
      ? running
      : undefined;
  });
  expect(after.processes[0]?.pid).not.toBe(pid);
  const { total = 0, byName } = memoryOfStart(after);
  expect([...byName.keys()]).toEqual(['postgres', 'start']);
  expect([...byName.values()].reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0)).toBe(total);
  const logs = await command('logs', ['postgres', '-n', '500']);
  expect(logs.printed).toContain('database system was not properly shut down');
  expect(logs.code).toBe(0);
});

test('a quiet start tells what goes wrong, and nothing else', async () => {
  const cli = runCli(clone.dir, 'main.ts', ['--only', 'clickhouse', '--quiet']);
  started.push(cli);
  const ready = await eventually(async () => {
    const running = await readRunning(clone.data);
    return running?.ready ? running : undefined;
  });
  expect(cli.printed()).not.toMatch(/ready|Ready/);
  process.kill(ready.processes[0]?.pid ?? 0, 'SIGKILL');
  await untilPrinted(cli, 'clickhouse runs again');
  expect(cli.printed()).toContain('clickhouse ended (SIGKILL); starting it again\n');
  expect((await command('status')).printed).toMatch(/clickhouse .* 1 +SIGKILL\n/);
});

test('Postgres is asked by psql, and where there is none by a client of our own', async () => {
  await start(clone.dir, '--only', 'postgres');
  const asked = ['-c', `SELECT current_database() AS here, NULL AS nothing, '{"a":1}'::jsonb AS doc`];
  const fake = await makePath(clone, {
    psql: 'test -n "$PGPASSWORD" && echo "psql $* as $PGUSER at $PGHOST, $PGDATABASE, with a password"',
  });
  const byPsql = await command('psql', asked, { PATH: fake });
  expect(byPsql.printed).toContain('as postgres at 127.0.0.1, switchboard, with a password');
  const PATH = await makePath(clone, {}, []);
  const own = await command('psql', asked, { PATH });
  expect(own).toEqual({ code: 0, printed: 'here\tnothing\tdoc\nswitchboard\t\t{"a":1}\nSELECT 1\n' });
  expect(await command('psql', ['-c', 'SELEC'], { PATH })).toMatchObject({ code: 1 });
  expect(await command('clickhouse', ['SELECT 1'])).toMatchObject({
    code: 1,
    printed: expect.stringContaining('ClickHouse is not among what runs here'),
  });
});

test('ClickHouse is asked by a line of shell', async () => {
  await start(clone.dir, '--only', 'clickhouse');
  expect(await command('clickhouse', ['SELECT 6 * 7 AS answer'])).toEqual({
    code: 0,
    printed: 'answer\n42\n',
  });
  expect(await command('clickhouse', ['SELECT 1 AS a', '--format', 'JSONEachRow'])).toMatchObject({
    printed: '{"a":1}\n',
  });
  const wrong = await command('clickhouse', ['SELEC']);
  expect(wrong.printed).toContain('Syntax error');
  expect(wrong.code).toBe(1);
});

test('two clones run side by side: the second takes other ports and says who has the usual ones', async () => {
  const other = await makeClone();
  try {
    const first = await start(clone.dir, '--only', 'postgres');
    const second = await start(other.dir, '--only', 'postgres');
    const [one, two] = await Promise.all([readRunning(clone.data), readRunning(other.data)]);
    const [port, secondPort] = [one?.processes[0]?.port, two?.processes[0]?.port];
    expect(secondPort).not.toBe(port);
    // Where something else of the machine has 5432, the first has moved too.
    const holder = port === 5432 ? `process ${first.child.pid} (another start of Switchboard)` : '';
    expect(second.printed()).toContain(`port 5432 is taken by ${holder}`);
    expect(second.printed()).toContain(`: postgres uses ${secondPort}\n`);
    expect(first.child.exitCode).toBeNull();
    second.child.kill('SIGINT');
    await second.ended;
    expect(isAlive(one?.processes[0]?.pid ?? 0)).toBe(true);
    expect(await leftovers(other)).toEqual([]);
  } finally {
    await other.remove();
  }
});

test('when the start is killed, all it has started ends, and nothing says that it runs', async () => {
  const cli = await start(clone.dir, '--only', 'postgres,clickhouse');
  const running = await readRunning(clone.data);
  const pids = running?.processes.map(({ pid }) => pid) ?? [];
  expect(pids).toHaveLength(2);
  // As a whole start would have it, with its credentials.
  await writeFile(join(clone.data, 'demo.json'), '{}');
  cli.child.kill('SIGKILL');
  await eventually(async () => (pids.some(isAlive) ? undefined : true));
  expect(await leftovers(clone)).toEqual([]);
  for (const { port } of running?.processes ?? [])
    expect(await readdir(claimsDir())).not.toContain(String(port));
  expect(await readFile(join(clone.data, 'secrets.json'), 'utf8')).toContain('secretsKey');
  const again = await start(clone.dir, '--only', 'postgres');
  expect(again.printed()).toContain('Postgres on port');
});

test('a start that is broken off ends what it has begun', async () => {
  const cli = runCli(clone.dir, 'main.ts', ['--only', 'kafka,postgres,clickhouse']);
  started.push(cli);
  await untilPrinted(cli, 'Postgres on port');
  cli.child.kill('SIGINT');
  expect((await cli.ended).code).toBe(0);
  expect(cli.printed()).toContain('stopping…');
  expect(cli.printed()).not.toContain(READY);
});

async function eventually<T>(probe: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 400; i++) {
    const value = await probe();
    if (value !== undefined) return value;
    await sleep(50);
  }
  throw new Error('it did not come about');
}
