import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What takes a minute begins first, so that no worker is left alone with it at the end. A fresh clone has no results of
 * an earlier run to tell by; so it is told here.
 */
const slowest = [
  'tests/e2e/',
  'infra/start/src/running',
  'infra/start/src/failures',
  'packages/kafka/src/contract/',
  'infra/start/',
  'infra/embedded/',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) => {
      const found = slowest.findIndex((part) => moduleId.includes(part));
      return found < 0 ? slowest.length : found;
    };
    return sorted.toSorted((left, right) => rank(left) - rank(right));
  }
}
