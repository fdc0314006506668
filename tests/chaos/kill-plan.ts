import type { ProcessName } from '@switchboard/start';
import { createRandom } from '@switchboard/testkit/simulate/random';

export interface PlannedKill {
  process: ProcessName;
  /** From the begin of the traffic, ms. */
  atMs: number;
}

export interface KillPlanOptions {
  seed: number;
  /** How long the traffic lasts, ms. */
  durationMs: number;
  /** How often each is killed. */
  times: Partial<Record<ProcessName, number>>;
}

/** No kill before anything is under way, and none when all is over. */
const FROM = 0.05;
const UNTIL = 0.92;

/**
 * Who is killed when: a pure function of its options. The kills fall anywhere, but one into each of as many equal parts
 * of the time as there are kills, so that every seed meets a system that runs as well as one that is just mending.
 */
export function planKills({ seed, durationMs, times }: KillPlanOptions): PlannedKill[] {
  const random = createRandom(seed);
  const names: ProcessName[] = [
    'ingest',
    'api',
    'enrich',
    'sink-postgres',
    'sink-clickhouse',
    'jobs',
    'kafka',
    'postgres',
    'clickhouse',
  ];
  const kills = names.flatMap((name) => Array.from({ length: times[name] ?? 0 }, () => name));
  const part = (durationMs * (UNTIL - FROM)) / kills.length;
  return random.shuffle(kills).map((process, index) => ({
    process,
    atMs: Math.round(durationMs * FROM + part * (index + random.next())),
  }));
}
