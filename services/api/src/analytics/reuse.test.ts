import { expect, test } from 'vitest';
import { createReuse } from './reuse.ts';

test('one making serves all who ask within the age, and those who wait for it', async () => {
  let at = 0;
  let made = 0;
  const reuse = createReuse<number>({ maxAgeMs: 1_000, now: () => at, maxKeys: 2 });
  const make = async () => {
    made += 1;
    return made;
  };
  expect(await Promise.all([reuse.get('a', make), reuse.get('a', make)])).toEqual([1, 1]);
  at = 1_000;
  expect(await reuse.get('a', make)).toBe(1);
  at = 1_001;
  expect(await reuse.get('a', make)).toBe(2);
  expect(await reuse.get('b', make)).toBe(3);
  expect(await reuse.get('c', make)).toBe(4);
  expect(await reuse.get('a', make)).toBe(5);
});

test('what is forgotten is made anew, also while it was being made', async () => {
  const reuse = createReuse<number>({ maxAgeMs: 1_000, now: () => 0 });
  const old = Promise.withResolvers<number>();
  const before = reuse.get('a', () => old.promise);
  reuse.forget('a');
  expect(await reuse.get('a', async () => 2)).toBe(2);
  old.resolve(1);
  expect(await before).toBe(1);
  expect(await reuse.get('a', async () => 3)).toBe(2);
  reuse.forget();
  expect(await reuse.get('a', async () => 4)).toBe(4);
});

test('a failure is not kept', async () => {
  const reuse = createReuse<number>({ maxAgeMs: 1_000, now: () => 0 });
  await expect(reuse.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await reuse.get('a', async () => 7)).toBe(7);
});
