import { setTimeout as sleep } from 'node:timers/promises';
import { SwitchboardError } from '@switchboard/platform';
import { usageOf, watchUsage } from '../process-usage.ts';

/** A stage from when a part of its work is done, until all is. */
export interface StageUsage {
  /** How many were done in `seconds`. */
  count: number;
  seconds: number;
  /** Processor time meanwhile, by process, ms. */
  cpuMs: Record<string, number>;
  /** Highest memory in the first and in the second half of that, by process, MiB. */
  firstPeaks: Record<string, number>;
  lastPeaks: Record<string, number>;
}

export interface StageOptions {
  /** All that there is to do. */
  total: number;
  /** How much of it is done. */
  done(): Promise<number>;
  /** By name, without those that are not up yet. */
  pids(): Record<string, number>;
}

/** The first part is not measured: processes start, divide partitions among them, and have nothing compiled. */
const WARM_UP_PART = 0.2;
const LOOK_MS = 500;

/** Looks on until all is done. */
export async function watchStage({ total, done, pids }: StageOptions): Promise<StageUsage> {
  let from = await look(done);
  while (from < total * WARM_UP_PART) {
    await sleep(LOOK_MS);
    from = await look(done);
  }
  const begunAt = performance.now();
  const before = cpuOf(pids());
  const halves = [];
  for (const until of [(from + total) / 2, total]) {
    const watch = watchUsage(pids);
    while ((await look(done)) < until) await sleep(LOOK_MS);
    halves.push(watch.peaks());
    await watch.stop();
  }
  const seconds = (performance.now() - begunAt) / 1_000;
  const after = cpuOf(pids());
  const [firstPeaks = {}, lastPeaks = {}] = halves;
  return {
    count: total - from,
    seconds,
    cpuMs: Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)])),
    firstPeaks,
    lastPeaks,
  };
}

/** On a busy machine an engine may take too long to say: it is asked again. */
async function look(done: () => Promise<number>): Promise<number> {
  while (true) {
    try {
      return await done();
    } catch (error) {
      if (!(error instanceof SwitchboardError && error.retryable)) throw error;
      await sleep(LOOK_MS);
    }
  }
}

function cpuOf(pids: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, usageOf(pid).cpuMs]));
}
