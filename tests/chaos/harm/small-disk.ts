import { execFile } from 'node:child_process';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Harm } from './harm.ts';

const run = promisify(execFile);
const sizeMb = 1_536;

/** A disk of its own for one engine's data. */
export interface SmallDisk {
  /** Fills it to the last byte, and empties it again. */
  fill(forMs: number): Harm;
  unmount(): Promise<void>;
}

/**
 * Mounts a small file system in memory where Postgres will have its data.
 *
 * @returns undefined where nothing can be mounted: only root can
 */
export async function mountSmallDisk(dir: string): Promise<SmallDisk | undefined> {
  const at = join(dir, 'postgres');
  await mkdir(at, { recursive: true, mode: 0o700 });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m,mode=0700`, 'tmpfs', at]);
  } catch {
    return undefined;
  }
  const ballast = join(at, 'ballast');
  return {
    fill: (forMs) => ({
      name: `the disk of postgres is full for ${forMs / 1_000} s`,
      engine: 'postgres',
      async inflict() {
        // Postgres keeps what it has got; it gets nothing more.
        for (const endsAt = performance.now() + forMs; performance.now() < endsAt; await sleep(500))
          await takeAllOf(at, ballast);
        await rm(ballast, { force: true });
      },
    }),
    async unmount() {
      await run('umount', [at]);
    },
  };
}

async function takeAllOf(at: string, ballast: string): Promise<void> {
  const { bavail, bsize } = await statfs(at);
  const file = await open(ballast, 'a');
  try {
    const block = Buffer.alloc(1024 * 1024, 1);
    for (let left = bavail * bsize; left > 0; left -= block.length)
      await file.appendFile(left < block.length ? block.subarray(0, left) : block);
  } catch (error) {
    if (Reflect.get(Object(error), 'code') !== 'ENOSPC') throw error;
  } finally {
    await file.close();
  }
}
