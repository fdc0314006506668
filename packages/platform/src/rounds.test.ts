import { afterEach, expect, it, vi } from 'vitest';
import { createLogger } from './logger.ts';
import { startRounds } from './rounds.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('what is done once a day, and failed, comes again within a minute, then a day later', async () => {
  vi.useFakeTimers();
  let rounds = 0;
  const failures: string[] = [];
  const daily = startRounds({
    name: 'daily',
    everyMs: 86_400_000,
    async work() {
      rounds += 1;
      if (rounds <= 2) throw new Error('away');
      return false;
    },
    logger: createLogger({ service: 'test', level: 'silent' }),
    failures: { inc: ({ job }) => void failures.push(job) },
  });
  await vi.advanceTimersByTimeAsync(120_000);
  expect([rounds, failures]).toEqual([3, ['daily', 'daily']]);
  await vi.advanceTimersByTimeAsync(86_000_000);
  expect(rounds).toBe(3);
  await vi.advanceTimersByTimeAsync(400_000);
  expect(rounds).toBe(4);
  await daily.stop();
});
