import { readFile } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { chooseEngines, dockerAnswers } from './choose-engines.ts';
import { enginesSchema } from './engines.ts';

/**
 * Gives all tests of a run one stack of engines, as `inject('engines')`: in containers where Docker answers, embedded
 * elsewhere, or as SWITCHBOARD_TEST_STACK says. A stack that runs already is used instead when SWITCHBOARD_TEST_ENGINES
 * names the file that `dev-engines.ts` wrote.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const file = process.env.SWITCHBOARD_TEST_ENGINES;
  if (file) {
    project.provide('engines', enginesSchema.parse(JSON.parse(await readFile(file, 'utf8'))));
    return undefined;
  }
  const progress = (line: string) => console.log(`engines: ${line}`);
  const source = await chooseEngines(process.env.SWITCHBOARD_TEST_STACK, () =>
    dockerAnswers(process.env.DOCKER_HOST || undefined),
  );
  const stack = await (source === 'containers' ? startContainers(progress) : startEmbedded(progress));
  project.provide('engines', stack.urls);
  return stack.stop;
}

// Neither is loaded where the other is used.
async function startContainers(progress: (line: string) => void) {
  const { startContainerStack } = await import('./container-stack.ts');
  return startContainerStack(progress);
}

async function startEmbedded(progress: (line: string) => void) {
  const { startStack } = await import('./stack.ts');
  return startStack({ progress });
}
