import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  claim,
  isHolding,
  isPortFree,
  readHolder,
  removeLeftBehind,
  StartError,
  thisProcess,
} from '@switchboard/embedded';

/** Held while a data directory is in use. */
export interface Lock {
  /** Notes the ports in use, for whoever finds this lock left behind. */
  notePorts(ports: number[]): Promise<void>;
  release(): Promise<void>;
}

/** What a killed start left behind ends by itself; it may take this long. */
const ORPHANS_END_MS = 15_000;

/** The lock's file in a data directory. */
export function lockFile(dir: string): string {
  return join(dir, 'start.pid');
}

/**
 * Takes the lock of a data directory: the file `start.pid`.
 *
 * @throws StartError `already_running` when a running process holds it.
 */
export async function takeLock(dir: string): Promise<Lock> {
  const file = lockFile(dir);
  const me = thisProcess();
  const last = await readHolder(file);
  if (last && isHolding(last)) throw runsAlready(dir, last.pid);
  await removeLeftBehind(file);
  if (last) await untilFree(last.ports);
  if (!(await claim(file, me))) {
    const other = await readHolder(file);
    throw runsAlready(dir, other?.pid);
  }
  return {
    // In one step: a reader must never find it half written.
    async notePorts(ports) {
      await writeFile(`${file}.new`, JSON.stringify({ ...me, ports }), { mode: 0o600 });
      await rename(`${file}.new`, file);
    },
    async release() {
      await rm(`${file}.new`, { force: true });
      await rm(file, { force: true });
    },
  };
}

function runsAlready(dir: string, pid: number | undefined): StartError {
  const who = pid === undefined ? 'another start' : `process ${pid}`;
  return new StartError(
    'already_running',
    `Switchboard runs already here (${who}, in ${dir}); see it with npm run status, end it with npm run stop. For a second one beside it use another clone.`,
  );
}

async function untilFree(ports: number[]): Promise<void> {
  const deadline = Date.now() + ORPHANS_END_MS;
  while (Date.now() < deadline) {
    const free = await Promise.all(ports.map(isPortFree));
    if (free.every(Boolean)) return;
    await sleep(200);
  }
}
