import { readFile } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { enginesSchema } from './engines.ts';
import { startStack } from './stack.ts';

/**
 * Gives all tests of a run one stack of engines, as `inject('engines')`. A stack that runs already is used instead when
 * SWITCHBOARD_TEST_ENGINES names the file that `dev-engines.ts` wrote.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const file = process.env.SWITCHBOARD_TEST_ENGINES;
  if (file) {
    project.provide('engines', enginesSchema.parse(JSON.parse(await readFile(file, 'utf8'))));
    return undefined;
  }
  const stack = await startStack({ progress: (line) => console.log(`engines: ${line}`) });
  project.provide('engines', stack.urls);
  return stack.stop;
}
