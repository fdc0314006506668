import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A program of a start that was killed may still be ending in it. */
export function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 5 });
}

/** Removes what a directory holds under such names. */
export async function removeMatching(dir: string, prefix: string, suffix = ''): Promise<void> {
  const names = (await readdir(dir)).filter((name) => name.startsWith(prefix) && name.endsWith(suffix));
  await Promise.all(names.map((name) => remove(join(dir, name))));
}
