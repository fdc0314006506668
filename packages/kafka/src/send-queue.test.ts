import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createSendQueue } from './send-queue.ts';

const late = () => new Error('late');

describe('send queue', () => {
  it('gives all that waits up to a size, in order, and at least one', () => {
    const queue = createSendQueue<string>();
    for (const [text, bytes] of [
      ['a', 40],
      ['b', 40],
      ['c', 40],
      ['d', 500],
    ] as const) {
      queue.add(text, bytes, 10_000, late).catch(() => {});
    }
    expect(queue.take(100).map(({ message }) => message)).toEqual(['a', 'b']);
    expect(queue.take(100).map(({ message }) => message)).toEqual(['c']);
    expect(queue.take(100).map(({ message }) => message)).toEqual(['d']);
    expect(queue.take(100)).toEqual([]);
  });

  it('counts the bytes of what waits and of what is on its way', async () => {
    const queue = createSendQueue<string>();
    const sent = queue.add('a', 40, 10_000, late);
    const taken = queue.take(100);
    expect(queue.bufferedBytes).toBe(40);
    taken[0]?.settle();
    await sent;
    expect(queue.bufferedBytes).toBe(40);
    queue.release(taken);
    expect(queue.bufferedBytes).toBe(0);
  });

  it('lets go of what waited too long', async () => {
    const queue = createSendQueue<string>();
    await expect(queue.add('a', 40, 1, late)).rejects.toThrow('late');
    expect(queue.bufferedBytes).toBe(0);
    expect(queue.isEmpty).toBe(true);
  });

  it('puts back in order what is still waited for, and no more', async () => {
    const queue = createSendQueue<string>();
    const first = queue.add('a', 40, 1, late);
    const second = queue.add('b', 40, 10_000, late);
    const taken = queue.take(100);
    queue.add('c', 40, 10_000, late).catch(() => {});
    await expect(first).rejects.toThrow('late');
    queue.putBack(taken);
    queue.release(taken);
    expect(queue.bufferedBytes).toBe(80);
    const again = queue.take(100);
    expect(again.map(({ message }) => message)).toEqual(['b', 'c']);
    for (const entry of again) entry.settle();
    queue.release(again);
    await second;
    expect(queue.bufferedBytes).toBe(0);
  });

  it('fails everyone who waits', async () => {
    const queue = createSendQueue<string>();
    const sent = queue.add('a', 40, 10_000, late);
    queue.failAll(new Error('closed'));
    await expect(sent).rejects.toThrow('closed');
    await sleep(1);
    expect(queue.bufferedBytes).toBe(0);
  });
});
