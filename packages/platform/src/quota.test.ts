import { expect, it } from 'vitest';
import { createQuota } from './quota.ts';

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
  await quota.take('a', 10, 999);
  expect(await quota.take('a', 10)).toMatchObject({ allowed: false });
});

it('a raised limit is in force at once', async () => {
  const quota = ofMinute();
  await quota.take('a', 1);
  expect((await quota.take('a', 1)).allowed).toBe(false);
  expect((await quota.take('a', 5)).allowed).toBe(true);
});
