import { expect, test } from 'vitest';
import { compareRows } from './list-findings.ts';
import { unasked } from './unasked.ts';

const asked = { practitioner: 'd1', start: '2026-12-01T10:00:00+05:30', patient: 'p1' };
const booked = { id: 'a1', practitioner: 'd1', start: '2026-12-01T04:30:00.000Z', patient: 'p1' };

test('a booking whose answer never came may be there once, and no other that nobody was told of', () => {
  expect(unasked([], [asked])).toEqual([]);
  expect(unasked([booked], [asked])).toEqual([]);
  expect(unasked([booked], [])).toEqual(['a1']);
  expect(unasked([booked, { ...booked, id: 'a2' }], [asked])).toEqual(['a2']);
  expect(unasked([{ ...booked, patient: 'p2' }], [asked])).toEqual(['a1']);
  expect(unasked([{ ...booked, start: '2026-12-01T05:00:00.000Z' }], [asked])).toEqual(['a1']);
});

test('an appointment that is not at the time that was answered is told, with both', () => {
  const wanted = new Map([['a1', 'd1 2026-12-01T04:30:00.000Z']]);
  const at = (says: string) => compareRows('times', wanted, [{ key: 'a1', says }]);
  expect(at('d1 2026-12-01T04:30:00.000Z')).toEqual([]);
  expect(at('d2 2026-12-01T04:30:00.000Z')).toEqual([
    'times that say otherwise: 1 (a1: d2 2026-12-01T04:30:00.000Z instead of d1 2026-12-01T04:30:00.000Z)',
  ]);
  expect(compareRows('times', wanted, [])).toEqual(['times that were taken and are not there: 1 (a1)']);
});
