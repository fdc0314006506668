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
    await harm.inflict();
    const overAt = performance.now();
    const sinceOver = () => performance.now() - overAt;
    const [readyMs, wholeWayMs] = await Promise.all([
      running.ready().then(sinceOver),
      probe().then(sinceOver),
    ]);
    const harmMs = overAt - begunAt - atMs;
    done.push({ name: harm.name, engine: harm.engine ?? null, atMs, harmMs, readyMs, wholeWayMs });
    say(
      `${harm.name}: ready after ${Math.round(readyMs)} ms, all the way after ${Math.round(wholeWayMs)} ms`,
    );
  }
  return done;
}
