import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MachineFacts } from './machine.ts';
import { explainDisk, StartError } from './start-error.ts';

const MIB = 1024 * 1024;

/**
 * Checks, before anything is written, that a directory that is there or will be made can be written and has room.
 *
 * @param needed bytes
 * @throws StartError `disk_read_only` or `disk_full`
 */
export async function checkDisk(
  dir: string,
  needed: number,
  { freeBytes }: Pick<MachineFacts, 'freeBytes'>,
): Promise<void> {
  const there = await nearest(dir);
  try {
    await access(there, constants.W_OK);
  } catch (error) {
    throw explainDisk(error, dir);
  }
  const free = freeBytes(there);
  if (free >= needed) return;
  const mib = (bytes: number) => Math.floor(bytes / MIB);
  throw new StartError(
    'disk_full',
    `The disk of ${dir} has ${mib(free)} MiB free, and ${mib(needed)} MiB are needed. Make room there, then start again.`,
  );
}

/** The path, or the lowest directory above it that exists. */
async function nearest(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found || at === dirname(at)) return at;
  }
}
