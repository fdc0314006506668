import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fetchArtifact, freePorts, kafkaJars, machineFacts } from '@switchboard/embedded';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { exitCodeOf } from './exit-codes.ts';
import { portNames } from './ports.ts';
import { startProcesses } from './start-processes.ts';
import { type Clone, finish, leftovers, makeClone, makePath, runCli } from './testing/run-cli.ts';
import { mountSmallDisk } from './testing/small-disk.ts';

const MIB = 1024 * 1024;
const JAVA = execFileSync('sh', ['-c', 'command -v java'], { encoding: 'utf8' }).trim();

let clone: Clone;

beforeEach(async () => {
  clone = await makeClone();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  expect(await leftovers(clone)).toEqual([]);
  await clone.remove();
});

function start(args: string[], env: Record<string, string> = {}) {
  return finish(runCli(clone.dir, 'main.ts', args, env));
}

/** An environment whose cache and whose Maven repository are empty, and whose Maven reaches nothing. */
async function cutOff(): Promise<Record<string, string>> {
  const home = join(clone.dir, 'home');
  await mkdir(join(home, '.m2'), { recursive: true });
  await writeFile(
    join(home, '.m2', 'settings.xml'),
    '<settings><mirrors><mirror><id>away</id><mirrorOf>*</mirrorOf><url>http://127.0.0.1:9/</url></mirror></mirrors></settings>',
  );
  return { HOME: home, MAVEN_OPTS: `-Duser.home=${home}` };
}

test('without Java nothing is begun', async () => {
  const PATH = await makePath(clone, {}, []);
  const { code, printed } = await start(['--only', 'kafka'], { PATH });
  expect(printed.trim()).toBe(
    'Kafka and the schema registry need Java 17 or newer, and no java is on the PATH. Install a JRE 17+.',
  );
  expect(code).toBe(12);
  expect(await readdir(clone.dir)).toEqual(['bin']);
});

test('a Java that is too old is named', async () => {
  const PATH = await makePath(clone, { java: `echo 'openjdk version "11.0.22" 2024-01-16' >&2` });
  const { code, printed } = await start(['--only', 'kafka'], { PATH });
  expect(printed).toContain('the java on the PATH is 11. Install a JRE 17+ and put it first on the PATH.');
  expect(code).toBe(12);
  expect(await readdir(clone.dir)).toEqual(['bin']);
});

test('with an empty cache Maven is needed, and a new enough one', async () => {
  const env = await cutOff();
  const without = await start(['--only', 'kafka'], {
    ...env,
    PATH: await makePath(clone, { java: JAVA }, []),
  });
  expect(without.printed.trim()).toBe(
    'Kafka and the schema registry are fetched by Maven the first time, and no mvn is on the PATH. Install Maven 3.6 or newer.',
  );
  expect(without.code).toBe(13);
  const PATH = await makePath(clone, { mvn: `echo 'Apache Maven 3.0.5'` });
  const old = await start(['--only', 'kafka'], { ...env, PATH });
  expect(old.printed).toContain('the mvn on the PATH is 3.0.5. Install Maven 3.6 or newer.');
  expect(old.code).toBe(13);
  expect(await readdir(env.HOME ?? '')).toEqual(['.m2']);
});

test('with an empty cache and no network it says so, and leaves no half of a download', async () => {
  const env = await cutOff();
  const { code, printed } = await start(['--only', 'kafka'], env);
  expect(printed).toContain(
    "Maven can't reach its repository. Connect to the network, or name the proxy or mirror",
  );
  expect(printed).toContain('Maven said: ');
  expect(printed).toContain('127.0.0.1:9');
  expect(code).toBe(14);
  expect(await readdir(join(env.HOME ?? '', '.cache', 'switchboard'))).toEqual([]);
  expect((await readdir(clone.dir)).sort()).toEqual(['home']);
});

test('a taken port that was asked for is told with who has it', async () => {
  const base = await freeRow();
  const port = base + portNames.indexOf('postgres');
  const server = createServer().listen(port, '127.0.0.1');
  const { code, printed } = await start(['--only', 'postgres', '--ports', String(base)]);
  server.close();
  expect(printed).toMatch(
    new RegExp(
      `^Port ${port}, which postgres is to use, is taken by process ${process.pid} \\(.+\\)\\. End that process, or choose`,
    ),
  );
  expect(code).toBe(16);
  expect(await readdir(clone.dir)).toEqual([]);
});

test('a disk without room is told before anything is written', async () => {
  const disk = await mountSmallDisk(clone.dir, 4);
  const only = ['postgres'] as const;
  try {
    if (disk) {
      const { code, printed } = await start(['--only', 'postgres']);
      expect(printed).toMatch(
        /The disk of .*\.switchboard has \d MiB free, and 256 MiB are needed\. Make room there/,
      );
      expect(code).toBe(17);
    } else {
      console.log('this user may not mount: the free space is told to the start instead');
      const facts = { ...machineFacts(), freeBytes: () => 4 * MIB };
      const failure = await startProcesses({ dir: clone.data, only, facts }).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'disk_full',
        message: expect.stringContaining('has 4 MiB free'),
      });
      expect(exitCodeOf(failure)).toBe(17);
    }
    expect(await readdir(clone.dir)).toEqual([]);
  } finally {
    disk?.unmount();
  }
});

test('a disk that gets full while an engine is made is told too, and the half is removed', async () => {
  const disk = await mountSmallDisk(clone.dir, 24);
  try {
    // Without a mount: a program that meets a full disk, in place of one that is.
    if (!disk) console.log('this user may not mount: the engine is a script that says what it would say');
    const full = `case "$1" in -version) echo 'openjdk version "17.0.1"' >&2;; *) echo 'No space left on device' >&2; exit 1;; esac`;
    if (!disk) {
      await fetchArtifact(kafkaJars());
      vi.stubEnv('PATH', await makePath(clone, { java: full }));
    }
    const facts = { ...machineFacts(), freeBytes: () => 512 * MIB };
    const failure = await startProcesses({
      dir: clone.data,
      only: [disk ? 'postgres' : 'kafka'],
      facts,
    }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      message: expect.stringMatching(
        /The disk of .*\.switchboard.* is full\. Make room there, then start again\./,
      ),
    });
    expect(exitCodeOf(failure)).toBe(17);
  } finally {
    const made = await readdir(join(clone.data, disk ? 'postgres' : 'kafka'));
    disk?.unmount();
    expect(made.filter((name) => name.startsWith('cluster') || name === 'logs')).toEqual([]);
  }
});

test('a disk that can only be read is told', async () => {
  const disk = await mountSmallDisk(clone.dir, 512);
  if (disk) disk.makeReadOnly();
  else {
    console.log('this user may not mount: the directory is closed to it instead');
    await chmod(clone.dir, 0o500);
  }
  try {
    const { code, printed } = await start(['--only', 'postgres']);
    expect(printed).toMatch(
      /Nothing can be written to .*\.switchboard: the disk is mounted read-only, or this user may not/,
    );
    expect(code).toBe(18);
  } finally {
    disk?.unmount();
    await chmod(clone.dir, 0o700);
  }
});

test('a machine that the engines have no programs for is told', async () => {
  const facts = { ...machineFacts(), platform: 'linux', arch: 'mips64' };
  const failure = await startProcesses({ dir: clone.data, only: ['postgres'], facts }).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ message: expect.stringContaining('this is linux-mips64.') });
  expect(exitCodeOf(failure)).toBe(11);
  expect(await readdir(clone.dir)).toEqual([]);
});

test('an engine that dies at its start ends the others, with its last lines', async () => {
  const script = `case "$*" in *-version*) echo 'openjdk version "17.0.1"' >&2;; *StorageTool*) exit 0;; *) echo 'java.lang.OutOfMemoryError'; exit 3;; esac`;
  const PATH = await makePath(clone, { java: script });
  const { code, printed } = await start(['--only', 'kafka,postgres'], { PATH });
  expect(printed).toContain('kafka ended (exit code 3) before it was ready.');
  expect(printed).toContain('java.lang.OutOfMemoryError');
  expect(code).toBe(19);
});

test('an engine that hangs at its start is ended, and so are the others', async () => {
  const script = `case "$*" in *-version*) echo 'openjdk version "17.0.1"' >&2;; *StorageTool*) exit 0;; *) echo waiting; exec sleep 600;; esac`;
  const PATH = await makePath(clone, { java: script });
  const { code, printed } = await start(['--only', 'kafka,postgres', '--patience', '4'], { PATH });
  expect(printed).toContain(
    'kafka was not ready within 4 s, and was ended. On a slow machine give it longer',
  );
  expect(printed).toContain('waiting');
  expect(code).toBe(20);
});

test('an engine that hangs while its directory is made is ended too', async () => {
  const script = `case "$*" in *-version*) echo 'openjdk version "17.0.1"' >&2;; *) exec sleep 600;; esac`;
  const PATH = await makePath(clone, { java: script });
  const { code, printed } = await start(['--only', 'kafka', '--patience', '1'], { PATH });
  expect(printed).toContain('kafka did not format its directory within 1 s, and was ended.');
  expect(code).toBe(20);
});

test.each([
  ['postgres', 'postgres/cluster/PG_VERSION', '15\n', 'was written by PostgreSQL 15, and this is 18'],
  [
    'kafka',
    'kafka/logs/meta.properties',
    'version=0\nbroker.id=0\n',
    'was written by Kafka (meta.properties: version=0)',
  ],
  ['kafka', 'kafka/engine-version', '9.0.0\n', 'was written by Kafka 9.0.0, and this is 4.'],
  [
    'clickhouse',
    'clickhouse/engine-version',
    '99.1.0\n',
    'was written by ClickHouse (chdb) 99.1.0, and this is 3.',
  ],
])('data of another version of %s (%s) is let alone', async (engine, file, content, said) => {
  const path = join(clone.data, file);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  const { code, printed } = await start(['--only', engine]);
  expect(printed).toContain(said);
  expect(printed).toContain('npm start -- --reset');
  expect(code).toBe(21);
});

test.each([
  [['--only', 'api'], 64, 'api needs postgres, clickhouse'],
  [['--patience', '0'], 64, '--patience takes seconds'],
  [['--demo', '--only', 'kafka'], 64, '--demo needs everything'],
  [['--fast'], 64, "Unknown option '--fast'"],
])('%j is not understood', async (args, expected, said) => {
  const { code, printed } = await start(args);
  expect(printed).toContain(said);
  expect(code).toBe(expected);
  expect(await readdir(clone.dir)).toEqual([]);
});

test('a wrong setting is named, and not what it was set to', async () => {
  const { code, printed } = await start([], { CLICKHOUSE_URL: 'not-a-url' });
  expect(printed).toContain('CLICKHOUSE_URL');
  expect(printed).not.toContain('not-a-url');
  expect(code).toBe(78);
});

async function freeRow(): Promise<number> {
  const [base = 0] = await freePorts(1);
  return base;
}
