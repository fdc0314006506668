import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createRandom, randomRecordEvents } from './testing/random-records.ts';
import { openRecordStand, type RecordStand } from './testing/record-stand.ts';

let stand: RecordStand;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});

afterAll(() => stand.close());

const at = Date.parse('2026-11-20T05:00:00Z');

describe('random events of every type', () => {
  it.each([1, 2])(
    'end in the same rows and states, with the facts of these rows, in any order, repeated, in batches of any size (seed %i)',
    async (seed) => {
      const ends: unknown[] = [];
      for (const round of [0, 1, 2]) {
        const tenant = await stand.newTenant();
        const events = randomRecordEvents(tenant.tenantId, 300, at, createRandom(seed));
        const draw = createRandom(seed * 100 + round);
        const told = round === 0 ? events : shuffle([...events, ...events.slice(0, 100)], draw);
        const most = round === 0 ? events.length : 60;
        for (let from = 0; from < told.length; ) {
          const to = from + 1 + draw(most);
          await stand.write(tenant, ...told.slice(from, round === 0 ? events.length : to));
          from = round === 0 ? events.length : to;
        }
        ends.push(await stand.endState(tenant));
        expect(await stand.restate(tenant)).toBe(0);
      }
      const [first, ...others] = ends;
      for (const other of others) expect(other).toEqual(first);
    },
    120_000,
  );
});

function shuffle<T>(values: readonly T[], draw: (below: number) => number): T[] {
  return values
    .map((value) => ({ value, place: draw(1e9) }))
    .sort((left, right) => left.place - right.place)
    .map(({ value }) => value);
}
