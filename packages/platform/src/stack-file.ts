import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/**
 * Reads a file that `npm start` keeps while it runs, as `.switchboard/demo.json`: for commands that take its engines where
 * their own settings name none.
 * @returns undefined where there is none: nothing runs in this folder
 * @throws ZodError, SyntaxError when it is not what `npm start` writes
 */
export function readStackFile<T extends z.ZodType>(file: string, schema: T): z.infer<T> | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  return schema.parse(JSON.parse(text));
}
