import { expect, test } from 'vitest';
import { createFailureLimit, type FailureLimit } from './failure-limit.ts';

let at = 0;
const limitOf = (max: number, maxKeys?: number) =>
  createFailureLimit({ max, windowMs: 1_000, now: () => at, maxKeys });

async function attempt(limit: FailureLimit, key: string, failed: boolean): Promise<number | 'made'> {
  const begun = await limit.begin(key);
  if ('refusedForMs' in begun) return begun.refusedForMs;
  await Promise.resolve();
  begun.end(failed);
  return 'made';
}

test('only failures count, and only until the window is over', async () => {
  at = 0;
  const limit = limitOf(2);
  for (let index = 0; index < 10; index += 1) expect(await attempt(limit, 'a', false)).toBe('made');
  expect(await attempt(limit, 'a', true)).toBe('made');
  at = 400;
  expect(await attempt(limit, 'a', true)).toBe('made');
  expect(await attempt(limit, 'a', false)).toBe(600);
  expect(await attempt(limit, 'b', false)).toBe('made');
  at = 1_000;
  expect(await attempt(limit, 'a', false)).toBe('made');
});

test('guesses made at once are no more than those made in turn', async () => {
  at = 0;
  const limit = limitOf(3);
  const made = await Promise.all(Array.from({ length: 50 }, () => attempt(limit, 'a', true)));
  expect(made.filter((one) => one === 'made')).toHaveLength(3);
  const right = await Promise.all(Array.from({ length: 50 }, () => attempt(limit, 'b', false)));
  expect(new Set(right)).toEqual(new Set(['made']));
});

test('however many keys come, memory is bounded, and the newest failures stay', async () => {
  at = 0;
  const limit = limitOf(1, 10);
  for (let index = 0; index < 100; index += 1) await attempt(limit, `key ${index}`, true);
  expect(await attempt(limit, 'key 99', true)).toBe(1_000);
  expect(await attempt(limit, 'key 0', true)).toBe('made');
});
