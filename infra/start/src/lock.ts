import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPortFree } from '@switchboard/embedded';

/** Held while a data directory is in use. */
export interface Lock {
  /** Notes the ports in use, for whoever finds this lock left behind. */
  notePorts(ports: number[]): Promise<void>;
  release(): Promise<void>;
}

interface Holder {
  pid: number;
  /** When it started, in the kernel's terms, so that another process of the same number is not taken for it. */
  started: string;
  ports: number[];
}

/** What a killed start left behind ends by itself; it may take this long. */
const ORPHANS_END_MS = 15_000;

/**
 * Takes the lock of a data directory: the file `start.pid`.
 *
 * @throws Error when a running process holds it.
 */
export async function takeLock(dir: string): Promise<Lock> {
  const file = join(dir, 'start.pid');
  const me: Holder = { pid: process.pid, started: startOf(process.pid), ports: [] };
  const last = await readHolder(file);
  if (last && startOf(last.pid) === last.started && isAlive(last.pid)) {
    throw new Error(
      `Switchboard runs already here (process ${last.pid}); end it with Ctrl-C or kill ${last.pid}.`,
    );
  }
  if (last) {
    await rm(file, { force: true });
    await untilFree(last.ports);
  }
  try {
    await writeFile(file, JSON.stringify(me), { flag: 'wx' });
  } catch (cause) {
    throw new Error('Another start of Switchboard got here first.', { cause });
  }
  return {
    notePorts: (ports) => writeFile(file, JSON.stringify({ ...me, ports })),
    release: () => rm(file, { force: true }),
  };
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    const { pid, started, ports } = JSON.parse(await readFile(file, 'utf8'));
    return {
      pid: Number(pid),
      started: String(started),
      ports: Array.isArray(ports) ? ports.map(Number) : [],
    };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Field 22 of `/proc/<pid>/stat`; empty where there is no such file. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

async function untilFree(ports: number[]): Promise<void> {
  const deadline = Date.now() + ORPHANS_END_MS;
  while (Date.now() < deadline) {
    const free = await Promise.all(ports.map(isPortFree));
    if (free.every(Boolean)) return;
    await sleep(200);
  }
}
