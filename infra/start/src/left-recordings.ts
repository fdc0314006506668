import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Warns of recordings and media that lie where nobody looks for them any more: the data directory holds some, and
 * `RECORDINGS_URL` names another place.
 */
export async function warnOfLeftRecordings(
  dir: string,
  url: string | undefined,
  warn: (line: string) => void,
): Promise<void> {
  const own = join(dir, 'recordings');
  if (!url || placeIn(url) === own || !(await holdsFiles(own))) return;
  warn(
    `${own} holds recordings and media, and RECORDINGS_URL names another place: they are not found until they lie there, under the same names. Move them, or unset RECORDINGS_URL.`,
  );
}

/** The directory that is named; undefined of a bucket. */
function placeIn(url: string): string | undefined {
  if (url.startsWith('file:')) return resolve(fileURLToPath(url));
  return /^[a-z0-9]+:/i.test(url) ? undefined : resolve(url);
}

async function holdsFiles(dir: string): Promise<boolean> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  if (entries.some((entry) => !entry.isDirectory())) return true;
  for (const { name } of entries) if (await holdsFiles(join(dir, name))) return true;
  return false;
}
