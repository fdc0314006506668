import { mkdir, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { claim, isHolding, readHolder, removeLeftBehind, thisProcess } from '@switchboard/embedded';

/**
 * Where the starts of this user, of whatever clone, note their ports. An engine listens seconds after its port was
 * chosen: without this, two clones that are started together would choose the same.
 */
export function claimsDir(): string {
  return join(tmpdir(), `switchboard-ports-${userInfo().uid}`);
}

/** Notes a port as this start's; else tells the process whose it is. */
export async function claimPort(port: number): Promise<{ takenBy: number } | undefined> {
  await mkdir(claimsDir(), { recursive: true, mode: 0o700 });
  const file = join(claimsDir(), String(port));
  while (!(await claim(file, thisProcess()))) {
    const holder = await readHolder(file);
    if (holder && isHolding(holder)) return { takenBy: holder.pid };
    await removeLeftBehind(file);
  }
  return undefined;
}

/** Gives ports back that this start had noted. */
export async function releasePorts(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const file = join(claimsDir(), String(port));
    if ((await readHolder(file))?.pid === process.pid) await rm(file, { force: true });
  }
}
