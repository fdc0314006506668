import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPace, type PaceOptions } from './pace.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** When each of so many requests at once has its turn, ms from now. */
async function turnsOf(
  takeTurn: ReturnType<typeof createPace>,
  count: number,
  { key = 'a', perSecond = 20 } = {},
): Promise<number[]> {
  const from = performance.now();
  const turns = Array.from({ length: count }, async () => {
    await takeTurn(key, perSecond);
    return performance.now() - from;
  });
  await vi.runAllTimersAsync();
  return Promise.all(turns);
}
const paceOf = (more: Partial<PaceOptions> = {}) => createPace({ atOnce: 3, longestMs: 1_000, ...more });

it('a few go on at once, what is behind them at an even pace', async () => {
  const takeTurn = paceOf();
  expect(await turnsOf(takeTurn, 7)).toEqual([0, 0, 0, 50, 100, 150, 200]);
  // The last one was due now: so is the next but for its interval.
  expect(await turnsOf(takeTurn, 2)).toEqual([50, 100]);
  vi.advanceTimersByTime(1_000);
  expect(await turnsOf(takeTurn, 4)).toEqual([0, 0, 0, 50]);
});

it('each key has its own', async () => {
  const takeTurn = paceOf();
  await turnsOf(takeTurn, 7);
  expect(await turnsOf(takeTurn, 4, { key: 'b' })).toEqual([0, 0, 0, 50]);
});

it('who may come faster than a timer can tell does not wait', async () => {
  expect(await turnsOf(paceOf(), 6, { perSecond: 15_000 })).toEqual([0, 0, 0, 0, 0, 0]);
});

it('what would wait too long goes on at once, and nobody waits behind it', async () => {
  const takeTurn = paceOf({ longestMs: 120 });
  expect(await turnsOf(takeTurn, 7)).toEqual([0, 0, 0, 50, 100, 0, 0]);
  expect(await turnsOf(takeTurn, 1)).toEqual([50]);
});
