import { setTimeout as sleep } from 'node:timers/promises';
import type { Switchboard } from '@switchboard/start';
import type { Probe } from '../probe.ts';
import type { Harm } from './harm.ts';

/** A harm that was done, and how it was got over. */
export interface Recovery {
  name: string;
  engine: string | null;
  /** From the begin of the traffic, ms. */
  atMs: number;
  /** How long it lasted: until the engine answered, or the process ran, again, ms. */
  harmMs: number;
  /** The longest that a new call took all the way meanwhile, where that must not be held up, ms. */
  meanwhileMs: number | null;
  /** From then until all services said that they were ready, ms. */
  readyMs: number;
  /** From then until a new call came all the way into ClickHouse, ms. */
  wholeWayMs: number;
}

export interface InflictOptions {
  running: Switchboard;
  probe: Probe;
  /** Between two, ms. */
  pauseMs: number;
  /** No harm begins later than this, from now, ms. */
  forMs: number;
  say(line: string): void;
}

/** Does one harm after the other until the time is up. @returns those that were done; the rest found no time */
export async function inflictHarms(plan: readonly Harm[], options: InflictOptions): Promise<Recovery[]> {
  const { running, probe, forMs, pauseMs, say } = options;
  const begunAt = performance.now();
  const done: Recovery[] = [];
  for (const harm of plan) {
    await sleep(pauseMs);
    const atMs = performance.now() - begunAt;
    if (atMs > forMs) break;
    const over = new AbortController();
    const inflicting = harm.inflict().finally(() => over.abort());
    const [harmMs, meanwhileMs] = await Promise.all([
      inflicting.then(() => performance.now() - begunAt - atMs),
      harm.holdsNothingUp ? longestWay(probe, over.signal) : null,
    ]);
    const overAt = performance.now();
    const sinceOver = () => performance.now() - overAt;
    const [readyMs, wholeWayMs] = await Promise.all([
      running.ready().then(sinceOver),
      probe().then(sinceOver),
    ]);
    const engine = harm.engine ?? null;
    done.push({ name: harm.name, engine, atMs, harmMs, meanwhileMs, readyMs, wholeWayMs });
    say(
      `${harm.name}: ready after ${Math.round(readyMs)} ms, all the way after ${Math.round(wholeWayMs)} ms`,
    );
  }
  return done;
}

/** Sends one call after the other all the way until it is over. @returns how long the slowest took, ms */
async function longestWay(probe: Probe, over: AbortSignal): Promise<number> {
  let longest = 0;
  while (!over.aborted) {
    const begunAt = performance.now();
    await probe();
    longest = Math.max(longest, performance.now() - begunAt);
  }
  return longest;
}
