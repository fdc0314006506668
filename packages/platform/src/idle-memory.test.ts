import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { freeMemoryWhenIdle } from './idle-memory.ts';

const everyMs = 100;
const quietMs = 300;

/** Part of its time that the thread is at work; other tests share the real one. */
let utilization = 0;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(performance, 'eventLoopUtilization').mockImplementation(() => ({
    idle: 0,
    active: 0,
    utilization,
  }));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function work(ms: number, part: number): void {
  utilization = part;
  vi.advanceTimersByTime(ms);
}

it('collects once after each busy spell, and not while it lasts', () => {
  const collect = vi.fn();
  const stop = freeMemoryWhenIdle({ everyMs, quietMs, collect });
  work(10 * quietMs, 0.01);
  expect(collect).toHaveBeenCalledTimes(1);
  work(10 * quietMs, 0.5);
  work(quietMs - everyMs, 0.01); // A pause between two bursts.
  work(everyMs, 0.5);
  work(quietMs - everyMs, 0.01);
  expect(collect).toHaveBeenCalledTimes(1);
  work(everyMs, 0.01);
  expect(collect).toHaveBeenCalledTimes(2);
  work(everyMs, 0.5);
  stop();
  work(10 * quietMs, 0.01);
  expect(collect).toHaveBeenCalledTimes(2);
});

it('collects in a thread that is really idle', async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  const collect = vi.fn();
  const stop = freeMemoryWhenIdle({ everyMs: 10, quietMs: 10, collect });
  await vi.waitFor(() => expect(collect).toHaveBeenCalled(), 10_000);
  stop();
});

it('does nothing in a process whose collector is not exposed', () => {
  expect(() => freeMemoryWhenIdle({ collect: undefined })()).not.toThrow();
});
