import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file as it must be. */
export interface PinnedFile {
  sha256: string;
  bytes: number;
  /** Relative to the directory of all of them. */
  path: string;
}

const AT_A_TIME = 4;

/** Reads a list of pinned files: a line each, SHA-256, bytes and path, two spaces between. */
export function readPins(list: string): PinnedFile[] {
  return readFileSync(list, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [sha256 = '', bytes = '', path = ''] = line.split('  ');
      return { sha256, bytes: Number(bytes), path };
    });
}

/** The files below a directory, as lines for {@link readPins}. */
export async function pinFiles(dir: string): Promise<PinnedFile[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1));
  return Promise.all(
    paths.sort().map(async (path) => {
      const content = await readFile(join(dir, path));
      return { sha256: hash('sha256', content), bytes: content.length, path };
    }),
  );
}

/**
 * The first of these files that is missing from the directory or differs from its pin, and how; `undefined` when all
 * are as they must be.
 */
export async function findDamage(dir: string, files: readonly PinnedFile[]): Promise<string | undefined> {
  const queue = files.values();
  const check = async (): Promise<string | undefined> => {
    for (const file of queue) {
      const damage = await damageOf(dir, file);
      if (damage !== undefined) return damage;
    }
    return undefined;
  };
  const found = await Promise.all(Array.from({ length: AT_A_TIME }, check));
  return found.find((damage) => damage !== undefined);
}

async function damageOf(dir: string, { sha256, bytes, path }: PinnedFile): Promise<string | undefined> {
  const file = join(dir, path);
  try {
    const { size } = await stat(file);
    if (size !== bytes) return `${path} has ${size} bytes, not ${bytes}`;
    const found = hash('sha256', await readFile(file));
    return found === sha256 ? undefined : `${path} has SHA-256 ${found}, not ${sha256}`;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    return code === 'ENOENT' ? `${path} is missing` : `${path} can't be read (${code})`;
  }
}
