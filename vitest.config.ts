import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/longest-first.ts';

const SOURCES = '{schemas,packages,services,infra,bench}/**';
const SLOW = '**/*.full.test.ts';
/** How long what is polled for may take on a machine that has much else to do. A project inherits nothing of the root's. */
const expect = { poll: { timeout: 15_000 } };
/** Properties draw what they try from one seed, so that the same code gets the same word each time. */
const setupFiles = 'tests/seed-properties.ts';

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
          expect,
          setupFiles,
          testTimeout: 30_000,
          hookTimeout: 60_000,
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
          expect,
          setupFiles,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'full',
          include: [SLOW],
          exclude: ['**/node_modules/**'],
          globalSetup: ['packages/testkit/src/global-setup.ts', 'tests/draw-seed.ts'],
          expect,
          setupFiles,
          testTimeout: 900_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
