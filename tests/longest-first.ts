import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What takes a minute begins first, so that no worker is left alone with it at the end. A fresh clone has no results of
 * an earlier run to tell by; so it is told here.
 */
const slowest = [
  'tests/e2e/',
  'services/ingest/src/ingest.',
  'services/ingest/src/clinic-events.',
  'services/jobs/src/main.',
  'infra/start/src/failures',
  'infra/start/src/running',
  'packages/kafka/src/contract/',
  'infra/',
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
