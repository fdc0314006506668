import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { explainDisk } from '@switchboard/embedded';
import type { GivenEngines } from './engine-urls.ts';
import { UsageError } from './exit-codes.ts';
import { guardDir } from './guard-dir.ts';
import { takeLock } from './lock.ts';

/** Makes the directory and takes its lock; released, it is removed if nothing has come into it. */
export async function takeDir(
  dir: string,
): Promise<(() => Promise<void>) & { notePorts(ports: number[]): Promise<void> }> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const lock = await takeLock(dir);
    const dismiss = guardDir(dir);
    const release = async () => {
      await lock.release();
      dismiss();
      await rmdir(dir).catch(() => undefined);
    };
    return Object.assign(release, { notePorts: lock.notePorts });
  } catch (error) {
    await rmdir(dir).catch(() => undefined);
    throw explainDisk(error, dir);
  }
}

/**
 * @throws UsageError when a reset would forget the keys of a database that stays.
 */
export function refuseToForget({ postgres }: GivenEngines): void {
  if (!postgres) return;
  throw new UsageError(
    '--reset forgets the keys, and what is in the database of DATABASE_URL could not be read without them. Name a new, empty database there instead; or unset DATABASE_URL to reset the embedded engines.',
  );
}

/** Empties a directory; secrets stay when an engine is somebody else's, whose data was made with them. */
export async function forget(dir: string, given: GivenEngines): Promise<void> {
  const dataStays = Object.values(given).some((engine) => engine !== undefined);
  const kept = ['start.pid', ...(dataStays ? ['secrets.json'] : [])];
  for (const entry of await readdir(dir)) {
    if (!kept.includes(entry)) await rm(join(dir, entry), { recursive: true, force: true });
  }
}
