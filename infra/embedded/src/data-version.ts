import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from './start-error.ts';

const FILE = 'engine-version';

/**
 * Checks that no newer version of an engine has written a data directory: engines read what older ones of them wrote,
 * and damage or refuse what newer ones did.
 *
 * @throws StartError `data_of_other_version`
 */
export async function checkDataVersion(engine: string, dataDir: string, version: string): Promise<void> {
  const written = (await readOr(join(dataDir, FILE), version)).trim();
  if (compare(written, version) > 0) throw otherVersion(engine, dataDir, written, version);
}

/** Notes that this version of the engine has used the directory, once it did. */
export async function noteDataVersion(dataDir: string, version: string): Promise<void> {
  const file = join(dataDir, FILE);
  if ((await readOr(file, '')).trim() === version) return;
  await writeFile(`${file}.new`, `${version}\n`);
  await rename(`${file}.new`, file);
}

/** The error for data that this version of an engine can't use. */
export function otherVersion(engine: string, dataDir: string, written: string, version: string): StartError {
  return new StartError(
    'data_of_other_version',
    `${dataDir} was written by ${engine} ${written}, and this is ${version}, which can't use it. Go back to the release of Switchboard that wrote it; or move the directory away, or forget all data with \`npm start -- --reset\`.`,
  );
}

/** The content of a small file, or this text when it isn't there. */
export async function readOr(file: string, missing: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return missing;
    throw error;
  }
}

function compare(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (let i = 0; i < Math.max(a?.length ?? 0, b?.length ?? 0); i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
