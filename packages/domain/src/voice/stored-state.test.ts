import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MergeState, Stamp } from './merge-call.ts';
import { restoreState, storeState } from './stored-state.ts';

const early: Stamp = [1, 1_000, 'a', 'rules-1'];
const late: Stamp = [2, null, 'b', 'rules-1'];
const stamps = { status: late, direction: early, summary: early };

it('keeps a stamp that fields share once', () => {
  const stored = storeState({ first: 5, stamps, extra: { '/x': late }, candidates: ['p'] });
  expect(stored).toEqual({
    first: 5,
    candidates: ['p'],
    told: [early, late],
    stamps: { status: 1, direction: 0, summary: 0 },
    extra: { '/x': 1 },
  });
});

it('gives back what was kept, by itself and by earlier releases', () => {
  const stamp = fc.tuple(
    fc.integer({ min: -9, max: 9 }),
    fc.option(fc.nat(9)),
    fc.constantFrom('a', 'b'),
    fc.constantFrom('1', '2'),
  );
  const state: fc.Arbitrary<MergeState> = fc.record(
    {
      first: fc.integer(),
      stamps: fc.record({ status: stamp, summary: stamp, language: stamp }, { requiredKeys: [] }),
      extra: fc.dictionary(fc.string(), stamp),
      candidates: fc.array(fc.uuid()),
    },
    { requiredKeys: ['first', 'stamps', 'extra'] },
  );
  fc.assert(
    fc.property(state, (kept) => {
      expect(restoreState(JSON.parse(JSON.stringify(storeState(kept))))).toEqual(kept);
      expect(restoreState(kept)).toEqual(kept);
    }),
  );
});
