import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { freeMemoryWhenIdle } from './idle-memory.ts';

const everyMs = 100;
const quietMs = 300;

function beBusy(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

it('collects once after each busy spell, and not while it lasts', async () => {
  const collect = vi.fn();
  const stop = freeMemoryWhenIdle({ everyMs, quietMs, collect });
  await vi.waitFor(() => expect(collect).toHaveBeenCalledTimes(1), 5_000);
  await sleep(2 * quietMs);
  expect(collect).toHaveBeenCalledTimes(1);
  for (let turn = 0; turn < 10; turn += 1) {
    beBusy(everyMs / 2);
    await sleep(10);
  }
  await sleep(quietMs / 3); // A pause between two bursts.
  beBusy(everyMs);
  expect(collect).toHaveBeenCalledTimes(1);
  await vi.waitFor(() => expect(collect).toHaveBeenCalledTimes(2), 5_000);
  stop();
  beBusy(2 * everyMs);
  await sleep(2 * quietMs);
  expect(collect).toHaveBeenCalledTimes(2);
});

it('does nothing in a process whose collector is not exposed', () => {
  expect(() => freeMemoryWhenIdle({ collect: undefined })()).not.toThrow();
});
