import type { ChildRun } from '@switchboard/testkit/run-child';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { asideOf, createEnrichedStand, type EnrichedStand } from './testing/enriched-stand.ts';

let stand: EnrichedStand;
beforeAll(async () => {
  stand = await createEnrichedStand(inject('engines'));
});
afterAll(() => stand.close());

it('events that kill the process in two partitions: each is set aside within as many deaths as its own', async () => {
  const { message } = stand;
  const partitions = [20, 21];
  const batches = await Promise.all(
    partitions.map(async (partition) => ({
      partition,
      messages: await Promise.all([
        message(10, `by-${partition}-10`),
        message(11, `killer-${partition}`),
        message(12, `by-${partition}-12`),
      ]),
    })),
  );
  const runs: ChildRun[] = [];
  const finished = () => runs.flatMap(({ printed }) => printed.match(/^finished \d+$/gm) ?? []);
  // What was finished is committed, and does not come again.
  const left = () => batches.filter(({ partition }) => !finished().includes(`finished ${partition}`));
  const deaths = () => runs.filter(({ signal }) => signal !== null).length;
  // Each with its batch, twice where the other's death came between, and five times alone.
  while (left().length > 0 && deaths() <= 2 * 7) runs.push(await stand.handleApart(left()));
  expect(left().map(({ partition }) => partition)).toEqual([]);
  expect(new Set(asideOf(runs))).toEqual(new Set(['11 process_killed']));
  const innocent = partitions.flatMap((partition) => [`by-${partition}-10`, `by-${partition}-12`]);
  expect(await stand.stored(innocent)).toHaveLength(innocent.length);
});
