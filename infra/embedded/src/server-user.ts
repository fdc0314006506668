import { execFile } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** Whom PostgreSQL, which refuses to run as root, runs as when this process is root. */
export interface ServerUser {
  uid: number;
  gid: number;
  /** A directory on the way to its files is closed to it. */
  shutOut: boolean;
}

const run = promisify(execFile);

/**
 * The owner of an existing cluster, else the user `postgres`, made when the system lacks it; `undefined` when this
 * process is not root.
 *
 * @param paths what the server must get at; the two directories above the cluster are opened for passing.
 */
export async function serverUser(cluster: string, paths: string[]): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const ids = (await ownerOf(cluster)) ?? (await idOf('postgres')) ?? (await makeUser());
  for (const ours of [dirname(cluster), dirname(dirname(cluster))]) {
    await chmod(ours, (await stat(ours)).mode | 0o011);
  }
  const open = await Promise.all(paths.map((path) => canPass(path, ids.uid)));
  return { ...ids, shutOut: open.includes(false) };
}

/**
 * How to run a program as that user. One that is shut out, as in a clone below /root, gets root's right to pass
 * directories along.
 */
export function runAs(
  user: ServerUser | undefined,
  program: string,
  programArgs: string[],
): { command: string; args: string[]; uid?: number; gid?: number } {
  if (!user?.shutOut) return { command: program, args: programArgs, uid: user?.uid, gid: user?.gid };
  const ids = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
  // Without the last, access(2), by which PostgreSQL looks for its programs, asks without the right.
  const rights = [
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    '--securebits=+no_setuid_fixup',
  ];
  return { command: 'setpriv', args: [...ids, ...rights, '--', program, ...programArgs] };
}

async function canPass(path: string, uid: number): Promise<boolean> {
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
    const { mode, uid: owner } = await stat(at);
    if ((mode & (owner === uid ? 0o100 : 0o001)) === 0) return false;
  }
  return true;
}

async function ownerOf(cluster: string): Promise<{ uid: number; gid: number } | undefined> {
  const found = await stat(cluster).catch(() => undefined);
  return found && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : undefined;
}

async function makeUser(): Promise<{ uid: number; gid: number }> {
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

async function idOf(name: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}
