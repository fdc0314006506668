import { expect, test } from 'vitest';
import { standings } from './inbox.ts';
import { afterRefused, afterTaken, saidBy } from './last-words.ts';
import { compareRows } from './list-findings.ts';
import { unasked } from './unasked.ts';

const asked = { practitioner: 'd1', start: '2026-12-01T10:00:00+05:30', patient: 'p1' };
const booked = {
  id: 'a1',
  practitioner: 'd1',
  start: '2026-12-01T04:30:00.000Z',
  patient: 'p1',
  status: 'scheduled',
};

test('a booking whose answer never came may be there once, and no other that nobody was told of', () => {
  expect(unasked([], [asked])).toEqual([]);
  expect(unasked([booked], [asked])).toEqual([]);
  expect(unasked([booked], [])).toEqual(['a1']);
  expect(unasked([booked, { ...booked, id: 'a2' }], [asked])).toEqual(['a2']);
  expect(unasked([{ ...booked, patient: 'p2' }], [asked])).toEqual(['a1']);
  expect(unasked([{ ...booked, status: 'confirmed' }], [asked])).toEqual(['a1']);
  expect(unasked([{ ...booked, patient: null, status: 'held' }], [{ ...asked, patient: null }])).toEqual([]);
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

test('a change says what the last one that was taken says; one that a lost try may have made, or may still make, is right too', () => {
  const [first, second] = [
    { says: 'first', tries: 1 },
    { says: 'second', tries: 1 },
  ];
  const retried = { says: 'retried', tries: 2 };
  const told = (words: { says: string; tries: number }[], says: string) =>
    compareRows('changes', saidBy(new Map([['c1', words]])), [{ key: 'c1', says }]);
  const taken = afterTaken([first], second);
  expect(told(taken, 'second')).toEqual([]);
  expect(told(taken, 'first')).toEqual(['changes that say otherwise: 1 (c1: first instead of second)']);
  expect(told(afterRefused([first], second), 'first')).toEqual([]);
  expect(told(afterRefused([first], second), 'second')).toHaveLength(1);
  for (const says of ['first', 'retried']) expect(told(afterRefused([first], retried), says)).toEqual([]);
  // Its first try may come after all.
  const later = afterTaken(afterTaken([first], retried), second);
  for (const says of ['second', 'retried']) expect(told(later, says)).toEqual([]);
  expect(told(later, 'first')).toEqual([
    'changes that say otherwise: 1 (c1: first instead of retried or second)',
  ]);
});

test('a conversation stands as somebody said last, and is open only where that was said or a message has changed it since', () => {
  const word = { says: 'resolved l1', label: 'l1', tries: 1, version: 4 };
  const found = (says: string, version: number) => {
    const stand = standings(new Map([['k1', [word]]]), new Map([['k1', version]]));
    return compareRows('states', stand, [{ key: 'k1', says }]);
  };
  expect(found('resolved l1', 4)).toEqual([]);
  expect(found('open l1', 4)).toEqual(['states that say otherwise: 1 (k1: open l1 instead of resolved l1)']);
  expect(found('open l1', 5)).toEqual([]);
  expect(found('resolved l1', 5)).toEqual([]);
  for (const says of ['open l2', 'pending l1', 'open ']) expect(found(says, 5)).toHaveLength(1);
});
