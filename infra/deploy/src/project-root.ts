import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** The text of a file of this project, named from its root. */
export function readProjectFile(name: string): string {
  return readFileSync(join(projectRoot, name), 'utf8');
}
