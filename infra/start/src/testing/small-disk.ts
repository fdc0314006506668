import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';

/** A file system of its own, mounted in memory. */
export interface SmallDisk {
  /** From now on nothing can be written to it. */
  makeReadOnly(): void;
  unmount(): void;
}

/**
 * Mounts a file system of so many MiB on a directory; `undefined` where this user may not mount, who then has to provoke
 * a full or read-only disk in another way.
 */
export async function mountSmallDisk(dir: string, mib: number): Promise<SmallDisk | undefined> {
  await mkdir(dir, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'switchboard-test', dir], {
      stdio: 'ignore',
    });
  } catch {
    return undefined;
  }
  return {
    makeReadOnly: () => execFileSync('mount', ['-o', 'remount,ro', dir]),
    unmount: () => execFileSync('umount', ['--lazy', dir]),
  };
}
