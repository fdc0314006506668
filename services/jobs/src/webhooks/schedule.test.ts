import { expect, it } from 'vitest';
import { nextPause, pauseAfterMs, readRetryAfter } from './schedule.ts';

const pauses = () => Array.from({ length: 12 }, (_, index) => nextPause(index + 1));

it('tries ten times in a little more than three days, the first again after seconds', () => {
  const given = pauses();
  expect(given.filter((pause) => pause !== undefined)).toHaveLength(9);
  expect(given.slice(9)).toEqual([undefined, undefined, undefined]);
  expect(given[0]).toBeGreaterThanOrEqual(5_000);
  expect(given[0]).toBeLessThanOrEqual(6_000);
  const all = given.reduce<number>((sum, pause) => sum + (pause ?? 0), 0);
  expect(all).toBeGreaterThan(pauseAfterMs);
  expect(all).toBeLessThan(pauseAfterMs * 1.3);
});

it('does not bring back together what failed together', () => {
  expect(new Set(Array.from({ length: 50 }, () => nextPause(4))).size).toBeGreaterThan(40);
});

const now = Date.parse('2026-11-28T10:00:00Z');

it.each([
  [undefined, undefined],
  ['120', 120_000],
  [' 7 ', 7_000],
  ['0', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['999999999', 86_400_000],
  ['Sat, 28 Nov 2026 10:01:00 GMT', 60_000],
  ['Sat, 28 Nov 2026 09:59:00 GMT', undefined],
  ['Sat, 28 Nov 2037 10:00:00 GMT', 86_400_000],
])('Retry-After %s', (header, wait) => {
  expect(readRetryAfter(header, now)).toBe(wait);
});
