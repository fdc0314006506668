import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeConflicts, type Slot } from './judge-conflicts.ts';

const slot = fc.record({
  practitionerId: fc.constantFrom('D-1', 'D-2'),
  from: fc.integer({ min: 0, max: 20 }),
  length: fc.integer({ min: 1, max: 8 }),
  own: fc.boolean(),
  bookedAt: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
});
const slots = fc.array(slot, { maxLength: 20 }).map((all) =>
  all.map(
    ({ length, ...one }, index): Slot => ({
      ...one,
      to: one.from + length,
      id: `id-${index}`,
      externalId: one.own ? '' : `A-${index}`,
    }),
  ),
);
const overlap = (left: Slot, right: Slot) =>
  left.practitionerId === right.practitionerId && left.from < right.to && right.from < left.to;

describe('whoever keeps a practitioner’s time', () => {
  it('is told from the slots alone, in any order; none that stand overlap, and each conflict overlaps one that stands', () => {
    fc.assert(
      fc.property(slots, fc.infiniteStream(fc.nat()), (all, places) => {
        const conflicts = judgeConflicts(all);
        const shuffled = all
          .map((one) => ({ one, place: places.next().value ?? 0 }))
          .sort((left, right) => left.place - right.place)
          .map(({ one }) => one);
        expect(judgeConflicts(shuffled)).toEqual(conflicts);
        const standing = all.filter(({ id }) => !conflicts.has(id));
        for (const one of all) {
          const others = standing.filter((other) => other.id !== one.id && overlap(one, other));
          expect(others.length > 0).toBe(conflicts.has(one.id));
        }
      }),
    );
  });
});
