import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchThread } from './watch-thread.ts';

const budgetMs = 1_000;
let thread: { cpuMs: number; begun: number; given: string[]; frozenMs: number };
let endWatch: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  thread = { cpuMs: 50, begun: 1, given: [], frozenMs: 0 };
  endWatch = watchThread({
    cpuUsage: async () => ({ user: thread.cpuMs * 1_000, system: 0 }),
    begun: () => thread.begun,
    budgetOf: () => budgetMs,
    onGivenUp: (why) => thread.given.push(why),
    now: () => Date.now() + thread.frozenMs,
  });
});
afterEach(() => {
  endWatch();
  vi.useRealTimers();
});

/** Lets time pass, in which the thread gets this part of a CPU. */
async function pass(ms: number, part: number): Promise<void> {
  for (let spent = 0; spent < ms && thread.given.length === 0; spent += 50) {
    thread.cpuMs += 50 * part;
    await vi.advanceTimersByTimeAsync(50);
  }
}

describe('a thread at a transcript', () => {
  it('hangs when it has had its CPU time', async () => {
    await pass(900, 1);
    expect(thread.given).toEqual([]);
    await pass(400, 1);
    expect(thread.given).toEqual(['overrun']);
  });

  it('may take as long as it likes on a machine that gives it little', async () => {
    await pass(15_000, 0.05);
    expect(thread.given).toEqual([]);
    await pass(10_000, 0.05);
    expect(thread.given).toEqual(['overrun']);
  });

  it('has its time for each transcript', async () => {
    for (let at = 1; at < 10; at += 1) {
      await pass(800, 1);
      thread.begun += 1;
    }
    expect(thread.given).toEqual([]);
  });

  it('that waits for something that never comes is given up, but not soon', async () => {
    await pass(29_000, 0);
    expect(thread.given).toEqual([]);
    await pass(2_000, 0);
    expect(thread.given).toEqual(['standstill']);
  });

  it('is not blamed for a machine that was frozen, or a clock of its CPU that jumped', async () => {
    await pass(500, 1);
    thread.frozenMs += 3_600_000;
    await pass(100, 0);
    thread.cpuMs += 60_000;
    await pass(200, 0.5);
    expect(thread.given).toEqual([]);
  });
});
