import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const shape = z.object({
  /** Rows that are behind us, the header not counted: sent, or wrong. */
  rows: z.int().min(0),
  /** Of these, those that were wrong. */
  wrong: z.int().min(0),
  /** Whether the file's end was reached. */
  done: z.boolean(),
});

/** How far a file was imported. */
export type ImportState = z.infer<typeof shape>;

/** Of a file that was never imported. */
export const nothingYet: ImportState = { rows: 0, wrong: 0, done: false };

/** Names a file's import: the same bytes read by other rules are another. */
export function importKey(...telling: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(telling)).digest('hex').slice(0, 32);
}

/** Nothing was imported where the state is missing or damaged: rows sent again change nothing. */
export async function readState(file: string): Promise<ImportState> {
  try {
    return shape.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return nothingYet;
  }
}

/** Replaces the state in one go, so that a process killed here leaves the old one or the new. */
export async function writeState(file: string, state: ImportState): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
