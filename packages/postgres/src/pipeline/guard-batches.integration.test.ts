import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createPool, type Pool, type Queryable } from '../pool.ts';
import { guardBatches, type Trial } from './guard-batches.ts';
import { loadBegun, markInFlight } from './in-flight.ts';
import { createLoneAttempts } from './lone-attempts.ts';

const topic = 'voice-call.received.v1';
let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_enrich'), applicationName: 'test' });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

function batchOf(partition: number, offsets: readonly number[]) {
  const messages = offsets.map((offset) => ({ offset: String(offset), timestamp: 0 }));
  return {
    topic,
    partition,
    messages,
    firstOffset: String(offsets[0]),
    lastOffset: String(offsets.at(-1)),
  };
}

/** A guard whose work tells what it was given. */
function guard() {
  const statements: string[] = [];
  const counted: Queryable = {
    query: (text, values) => {
      statements.push(text);
      return pool.query(text, values);
    },
  };
  const worked: (Trial & { partition: number; offsets: number[] })[] = [];
  const handle = guardBatches({
    pool: counted,
    attempts: createLoneAttempts(counted),
    async work({ partition }, messages, trial) {
      worked.push({ partition, offsets: messages.map(({ offset }) => Number(offset)), ...trial });
    },
    putKillerAside: async () => undefined,
  });
  return {
    handle: (batch: ReturnType<typeof batchOf>) => handle(batch, { isStale: () => false }),
    statements,
    worked,
  };
}

it('where nothing ended unfinished, one look and one mark serve all that a fetch brings', async () => {
  const { handle, statements, worked } = guard();
  for (const first of [0, 3]) {
    statements.length = 0;
    const offsets = [first, first + 1, first + 2];
    await Promise.all([0, 1, 2].map((partition) => handle(batchOf(partition, offsets))));
    expect(statements).toHaveLength(2);
  }
  expect(worked).toHaveLength(6);
  expect(worked.every(({ attempts, isSuspect }) => attempts === 1 && !isSuspect)).toBe(true);
});

it('whoever stands between its mark and its work finds that it is begun, and nothing of it done', async () => {
  const steps: unknown[] = [];
  const handle = guardBatches({
    pool,
    attempts: createLoneAttempts(pool),
    async onStep(step) {
      const [found] = await loadBegun(pool, [{ topic, partition: 8 }]);
      steps.push({ step, ...found?.inFlight, alone: found?.attempts.map(({ offset }) => offset) });
    },
    async work(_, messages) {
      steps.push(messages.map(({ offset }) => offset));
    },
    putKillerAside: async () => undefined,
  });
  await markInFlight(pool, [{ topic, partition: 8, first: 1, last: 1 }]);
  await handle(batchOf(8, [1, 2, 3]), { isStale: () => false });
  expect(steps).toEqual([
    { step: 'begun', first: 1, last: 1, alone: [1] },
    ['1'],
    { step: 'begun', first: 1, last: 3, alone: [] },
    ['2', '3'],
  ]);
});

it('what was begun by another process is suspect, and what lies beside it is not', async () => {
  await markInFlight(pool, [{ topic, partition: 7, first: 1, last: 2 }]);
  const { handle, worked } = guard();
  await handle(batchOf(7, [1, 2, 3]));
  const alone = { partition: 7, attempts: 1, isSuspect: true };
  expect(worked).toEqual([
    { ...alone, offsets: [1] },
    { ...alone, offsets: [2] },
    { ...alone, offsets: [3], isSuspect: false },
  ]);
});
