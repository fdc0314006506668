import { describe, expect, it } from 'vitest';
import { backoff, sleep } from './retry.ts';

describe('backoff', () => {
  it('doubles from the base up to the most, half of it random', () => {
    for (const [attempt, full] of [
      [1, 100],
      [2, 200],
      [3, 400],
      [9, 5_000],
      [10_000, 5_000],
    ] as const) {
      const waits = Array.from({ length: 50 }, () => backoff(attempt, { baseMs: 100, maxMs: 5_000 }));
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(full / 2);
      expect(Math.max(...waits)).toBeLessThanOrEqual(full);
      expect(new Set(waits).size).toBeGreaterThan(1);
    }
  });
});

describe('sleep', () => {
  it('ends early, without an error, when the signal is or was aborted', async () => {
    const aborted = new AbortController();
    const sleeping = sleep(3_600_000, aborted.signal);
    aborted.abort();
    await sleeping;
    await sleep(3_600_000, aborted.signal);
  });
});
