import { performance } from 'node:perf_hooks';

export interface IdleMemoryOptions {
  /** How often it is looked, ms. */
  everyMs?: number;
  /** How long it must have been quiet, ms. */
  quietMs?: number;
  /** Frees what nothing refers to; Node's own with `--expose-gc`. */
  collect?: (() => void) | undefined;
}

/** Above this part of its time at work a thread is busy, and a pause would be felt. */
const busyPart = 0.05;

/**
 * V8 keeps what it took under load until much more is allocated, so a thread that was busy once stays large for ever. Here
 * it collects once, in its first quiet spell after each busy one. That throws away compiled code, too, and what runs next is
 * half as fast for seconds, so a pause between two bursts is no quiet spell. Without `--expose-gc` nothing is done.
 * @returns a function that ends it
 */
export function freeMemoryWhenIdle({
  everyMs = 5_000,
  quietMs = 60_000,
  collect = ownCollect(),
}: IdleMemoryOptions = {}) {
  if (!collect) return () => {};
  let last = performance.eventLoopUtilization();
  let hasWorked = true; // Starting is work.
  let quietFor = 0;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const isBusy = performance.eventLoopUtilization(now, last).utilization > busyPart;
    last = now;
    if (isBusy) hasWorked = true;
    quietFor = isBusy ? 0 : quietFor + everyMs;
    if (!hasWorked || quietFor < quietMs) return;
    collect();
    hasWorked = false;
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function ownCollect(): (() => void) | undefined {
  const { gc } = globalThis;
  return gc && (() => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' }));
}
