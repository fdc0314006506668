import { expect, it } from 'vitest';
import { Slots } from './slots.ts';

it('lets so many in, the others wait in order, and more are turned away', async () => {
  const slots = new Slots(1, 2);
  const done: number[] = [];
  let release = () => {};
  const first = slots.run(
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  );
  const others = [1, 2].map((n) => slots.run(async () => done.push(n)));
  await expect(slots.run(async () => 'in')).resolves.toBeUndefined();
  release();
  await Promise.all([first, ...others]);
  expect(done).toEqual([1, 2]);
  await expect(slots.run(async () => 'in')).resolves.toBe('in');
});

it('who gave up waiting is out at once, and holds no place in the queue', async () => {
  const slots = new Slots(1, 1);
  const held = Promise.withResolvers<string>();
  const first = slots.run(() => held.promise);
  const gone = new AbortController();
  const waits = slots.run(async () => 'in', gone.signal);
  gone.abort('gone');
  await expect(waits).rejects.toBe('gone');
  await expect(slots.run(async () => 'in', gone.signal)).rejects.toBe('gone');
  const next = slots.run(async () => 'next');
  held.resolve('first');
  expect(await Promise.all([first, next])).toEqual(['first', 'next']);
});

it('gives its place on when the work fails', async () => {
  const slots = new Slots(1, 0);
  await expect(slots.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await expect(slots.run(async () => 'in')).resolves.toBe('in');
});
