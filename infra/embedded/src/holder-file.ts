import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isAlive, startOf } from './process-table.ts';

/** Who holds something, as its holder noted it in a file. */
export interface Holder {
  pid: number;
  /** When it started, in the kernel's terms, so that another process of the same number is not taken for it. */
  started: string;
  /** Ports that it uses. */
  ports: number[];
}

/** This process as a holder. */
export function thisProcess(): Holder {
  return { pid: process.pid, started: startOf(process.pid), ports: [] };
}

/** Whether the holder still runs. */
export function isHolding({ pid, started }: Holder): boolean {
  return isAlive(pid) && startOf(pid) === started;
}

/** What the file says; `undefined` when it isn't there or says nothing of the kind. */
export async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    const { pid, started, ports } = JSON.parse(await readFile(file, 'utf8'));
    if (!Number.isInteger(pid) || pid < 1) return undefined;
    return {
      pid,
      started: String(started),
      ports: Array.isArray(ports) ? ports.map(Number) : [],
    };
  } catch {
    return undefined;
  }
}

/** Makes the file with this content in one step; false when somebody else's is there. */
export async function claim(file: string, holder: Holder): Promise<boolean> {
  const mine = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(mine, JSON.stringify(holder), { mode: 0o600 });
    await link(mine, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(mine, { force: true });
  }
}

/** Takes away the file of a holder that is gone, unless another one has taken its place meanwhile. */
export async function removeLeftBehind(file: string): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const found = await readHolder(aside);
  if (found && isHolding(found)) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}
