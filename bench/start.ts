import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessName, type Switchboard, startSwitchboard } from '@switchboard/start';
import { memoryOfStart } from '@switchboard/start/memory-of-start';
import { callBodies } from './call-bodies.ts';
import { createCallPoster } from './call-poster.ts';
import { type Bench, median, round } from './report.ts';

const CALLS = 10_000;
const IDLE_MS = 90_000;
const SECOND_STARTS = 3;
/** All ten processes and the launcher, idle. */
const MOST_MIB = 2_560;
const names: readonly ProcessName[] = [
  'kafka',
  'schema-registry',
  'postgres',
  'clickhouse',
  'ingest',
  'enrich',
  'sink-postgres',
  'sink-clickhouse',
  'api',
  'jobs',
];

/** The first start on an empty directory (jars fetched before), later ones, and the memory of all, idle after calls. */
export const start: Bench = async ({ emit, say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const timed = async () => {
    const begunAt = performance.now();
    const running = await startSwitchboard({ dir, say });
    return { running, seconds: (performance.now() - begunAt) / 1_000 };
  };
  try {
    const cold = await timed();
    await cold.running.stop();
    const later: number[] = [];
    for (let index = 1; index < SECOND_STARTS; index += 1) {
      const one = await timed();
      later.push(one.seconds);
      await one.running.stop();
    }
    const last = await timed();
    later.push(last.seconds);
    let memory: ReturnType<typeof memoryOfStart>;
    try {
      await postCalls(last.running);
      say(`idle for ${IDLE_MS / 1_000} s`);
      await sleep(IDLE_MS);
      const processes = names.map((name) => ({ name, pid: last.running.pid(name) }));
      memory = memoryOfStart({ pid: process.pid, processes });
    } finally {
      await last.running.stop();
    }
    const seconds = median(later);
    emit({
      bench: 'start',
      what: 'a later start until every service is ready, median of three',
      count: SECOND_STARTS,
      unit: 'starts',
      seconds: round(seconds),
      per_second: round(1 / seconds, 3),
      reference: { what: 'the first start on an empty directory', per_second: round(1 / cold.seconds, 3) },
      figures: { first_start_seconds: round(cold.seconds) },
    });
    emit({
      bench: 'start',
      what: `memory of all processes, idle after ${CALLS} calls: sum of proportional set sizes`,
      count: names.length + 1,
      unit: 'processes',
      seconds: IDLE_MS / 1_000,
      per_second: 0,
      peak_memory_mib: Object.fromEntries(
        [...memory.byName].map(([name, pss = 0]) => [name, mebibytes(pss)]),
      ),
      reference: { what: 'what all of it may take', sum_mib: MOST_MIB },
      // With the launcher, which is this process, and its helpers.
      figures: { sum_mib: mebibytes(memory.total ?? 0) },
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

async function postCalls({ demo }: Switchboard): Promise<void> {
  const poster = createCallPoster(demo, 32);
  await poster.postAll(callBodies(CALLS, { seed: 3, turns: 12, endsAt: Date.now() }));
  await poster.close();
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
