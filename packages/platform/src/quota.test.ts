import { afterEach, expect, it, vi } from 'vitest';
import { createQuota } from './quota.ts';

afterEach(() => void vi.useRealTimers());

const ofMinute = () => createQuota({ name: 'test', windowMs: 60_000, redis: undefined });

it('each key has its own limit in a window, and is told what is left', async () => {
  const quota = ofMinute();
  expect(await quota.take('a', 2)).toEqual({ allowed: true, limit: 2, remaining: 1, resetSeconds: 60 });
  expect(await quota.take('a', 2)).toMatchObject({ allowed: true, remaining: 0 });
  expect(await quota.take('a', 2)).toMatchObject({ allowed: false, remaining: 0 });
  expect(await quota.take('b', 1)).toMatchObject({ allowed: true });
});

it('what was let in as one and turned out to be many counts whole', async () => {
  const quota = ofMinute();
  await quota.take('a', 10);
  await quota.charge('a', 999);
  expect(await quota.take('a', 10)).toMatchObject({ allowed: false });
});

it.each([
  ['is over', 1, 100],
  ['goes on', 60_000, 20],
])('and counts whole though a shorter window takes less, while that %s', async (_, windowMs, limit) => {
  const burst = { windowMs, limitOf: () => 20 };
  const quota = createQuota({ name: 'test', windowMs: 60_000, burst, redis: undefined });
  await quota.take('a', 100);
  await quota.charge('a', 999);
  await expect.poll(() => quota.take('a', 100)).toMatchObject({ allowed: false, limit, remaining: 0 });
});

it('a raised limit is in force at once', async () => {
  const quota = ofMinute();
  await quota.take('a', 1);
  expect((await quota.take('a', 1)).allowed).toBe(false);
  expect((await quota.take('a', 5)).allowed).toBe(true);
});

it('a rush is refused before the quota is used up, and takes nothing of it', async () => {
  vi.useFakeTimers();
  const burst = { windowMs: 200, limitOf: (limit: number) => Math.max(3, limit / 10) };
  const quota = createQuota({ name: 'test', windowMs: 60_000, burst, redis: undefined });
  for (let time = 0; time < 3; time += 1) expect((await quota.take('a', 30)).allowed).toBe(true);
  for (let time = 0; time < 50; time += 1)
    expect(await quota.take('a', 30)).toEqual({ allowed: false, limit: 3, remaining: 0, resetSeconds: 1 });
  vi.advanceTimersByTime(250);
  expect(await quota.take('a', 30)).toMatchObject({ allowed: true, limit: 30, remaining: 26 });
  // A quota below it is all that counts.
  for (let time = 0; time < 2; time += 1) expect((await quota.take('b', 2)).allowed).toBe(true);
  expect(await quota.take('b', 2)).toMatchObject({ allowed: false, limit: 2, resetSeconds: 60 });
});
