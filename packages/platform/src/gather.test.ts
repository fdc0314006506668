import { expect, it } from 'vitest';
import { gather } from './gather.ts';

it('answers what is asked at the same time by one call, each its own, and asks again for what comes later', async () => {
  const calls: number[][] = [];
  const double = gather(async (keys: readonly number[]) => {
    calls.push([...keys]);
    return keys.map((key) => key * 2);
  });
  expect(await Promise.all([double(1), double(2), double(1)])).toEqual([2, 4, 2]);
  expect(await double(1)).toBe(2);
  expect(calls).toEqual([[1, 2, 1], [1]]);
});

it('fails for each of them, and not for those after', async () => {
  let isAway = true;
  const ask = gather(async (keys: readonly number[]) => {
    if (isAway) throw new Error('away');
    return keys;
  });
  const both = await Promise.allSettled([ask(1), ask(2)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  isAway = false;
  expect(await ask(1)).toBe(1);
});
