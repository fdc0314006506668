import { expect, it } from 'vitest';
import { mostFetches, nextFetchPause } from './fetch-schedule.ts';

it('tries again after ever longer pauses, some two days in all, and then no more', () => {
  const pauses = Array.from({ length: mostFetches }, (_, index) => nextFetchPause(index + 1));
  expect(pauses.at(-1)).toBeUndefined();
  const waited = pauses.flatMap((pause) => pause ?? []);
  expect(waited).toHaveLength(mostFetches - 1);
  expect(waited).toEqual(waited.toSorted((a, b) => a - b));
  const days = waited.reduce((sum, pause) => sum + pause, 0) / 86_400_000;
  expect(days).toBeGreaterThan(1.8);
  expect(days).toBeLessThan(2.3);
});
