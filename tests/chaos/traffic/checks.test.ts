import { expect, test } from 'vitest';
import { standings } from './inbox.ts';
import { afterRefused, afterTaken, mayStand, saidBy } from './last-words.ts';
import { compareRows, withoutFile } from './list-findings.ts';
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

test('a decision that was taken stands, and one that was refused only where a try before it was never answered', () => {
  const found = (status: number, tries: number, says: string, beaten?: string) =>
    compareRows('reviews', new Map([['r1', mayStand({ status, tries, says: 'linked p1' }, beaten)]]), [
      { key: 'r1', says },
    ]);
  for (const tries of [1, 2]) expect(found(200, tries, 'linked p1', 'obsolete')).toEqual([]);
  for (const says of ['open', 'obsolete', 'linked p2', 'rejected'])
    expect(found(200, 2, says, 'obsolete')).toEqual([
      `reviews that say otherwise: 1 (r1: ${says} instead of linked p1)`,
    ]);
  expect(found(409, 2, 'linked p1', 'obsolete')).toEqual([]);
  expect(found(409, 1, 'obsolete', 'obsolete')).toEqual([]);
  expect(found(409, 1, 'linked p1', 'obsolete')).toHaveLength(1);
  // Where nobody else decides, who was refused at once was refused wrongly.
  for (const says of ['linked p1', 'open']) expect(found(409, 1, says)).toHaveLength(1);
  expect(found(409, 2, 'open')).toHaveLength(1);
});

test('an answer that went out without its file is told, and one that has none need not', () => {
  const out = (body: string, ...mediaUrls: string[]) => ({ body, mediaUrls });
  const texts = new Set(['with']);
  expect(withoutFile(texts, [out('with', 'https://x/1'), out('none')])).toEqual([]);
  expect(withoutFile(texts, [out('with')])).toEqual(['with']);
  expect(withoutFile(texts, [out('with', 'https://x/1', 'https://x/2')])).toEqual(['with']);
});
