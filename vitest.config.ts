import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/longest-first.ts';

const SOURCES = '{schemas,packages,services,infra,bench}/**';
const SLOW = '**/*.full.test.ts';

export default defineConfig({
  test: {
    // Tests wait for engines more than they compute: two at a time, on two cores too.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${SOURCES}/*.test.ts`],
          exclude: ['**/node_modules/**', '**/*.integration.test.ts', SLOW],
          // They change nothing that another file would see, and a worker that stays has the rules loaded.
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: [`${SOURCES}/*.integration.test.ts`, 'tests/**/*.test.ts'],
          exclude: ['**/node_modules/**', SLOW],
          globalSetup: 'packages/testkit/src/global-setup.ts',
          // Each has databases and topics of its own; what modules keep are caches, and a worker that stays has them loaded.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'full',
          include: [SLOW],
          exclude: ['**/node_modules/**'],
          globalSetup: 'packages/testkit/src/global-setup.ts',
          testTimeout: 900_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
