import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessName, type Switchboard, startSwitchboard } from '@switchboard/start';
import { openStores, type Stores } from '@switchboard/testkit/open-stores';
import { callBodies } from './call-bodies.ts';
import { createCallPoster } from './call-poster.ts';
import { lagOf } from './lag-of.ts';
import { measureLimit, type StoresLimit } from './pipeline/limit-of-stores.ts';
import { watchUsage } from './process-usage.ts';
import { type Bench, type Result, round } from './report.ts';
import { unlimited } from './unlimited.ts';

const CALLS = 50_000;
const TURNS = 12;
const BODIES_UNDER_WAY = 256;
const stages: readonly ProcessName[] = ['enrich', 'sink-postgres', 'sink-clickhouse'];
/** What the sink writes of a call. */
const tables = [
  'inbox',
  'patients',
  'patient_identifiers',
  'conversations',
  'voice_calls',
  'voice_call_transcripts',
  'voice_call_extractions',
  'match_decisions',
  'booking_requests',
  'appointments',
  'appointment_history',
  'fact_current',
];
const kinds = ['voice_call', 'conversation'];
/** Stopped by the clock: their peaks are of the time in which calls are posted. */
const before: readonly ProcessName[] = ['ingest', 'api'];
const processes: readonly ProcessName[] = [...stages, 'jobs', 'kafka', 'postgres', 'clickhouse'];

/** Calls that are in Kafka already, until all are in Postgres and in ClickHouse; then the limits of both stores. */
export const pipeline: Bench = async ({ emit, say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const running = await startSwitchboard({ dir, env: unlimited, say });
  const stores = openStores(running.demo, { applicationName: 'bench', statementTimeoutMs: 600_000 });
  try {
    for (const name of stages) await running.hold(name);
    say(`posting ${CALLS} calls of ${TURNS} turns`);
    const pidsOf = (names: typeof processes) => () =>
      Object.fromEntries(names.map((name) => [name, running.pid(name)]));
    const posting = watchUsage(pidsOf(before));
    await postAll(running);
    await posting.stop();
    for (const name of before) await running.hold(name);

    const watch = watchUsage(pidsOf(processes));
    const begunAt = performance.now();
    const doneAt: Record<string, number> = {};
    for (const name of stages) await running.release(name);
    while (Object.keys(doneAt).length < stages.length) {
      await sleep(1_000);
      for (const [name, done] of Object.entries(await howFar(running, stores))) {
        if (done === CALLS) doneAt[name] ??= performance.now() - begunAt;
      }
    }
    const cpu = watch.cpuMs();
    await watch.stop();
    const seconds = Math.max(...Object.values(doneAt)) / 1_000;
    const limit = await measureLimit(stores, { tables, kinds, count: CALLS, seconds }, say);
    for (const name of stages) {
      const took = (doneAt[name] ?? Number.NaN) / 1_000;
      emit({
        bench: 'pipeline',
        what: `${name}: all calls through this stage, from the start of its process`,
        count: CALLS,
        unit: 'calls',
        seconds: round(took),
        per_second: round(CALLS / took, 0),
        peak_memory_mib: { [name]: watch.peaks()[name] ?? Number.NaN },
        cpu_ms_per_unit: { [name]: round((cpu[name] ?? Number.NaN) / CALLS, 3) },
        ...limitOf(name, took, limit),
      });
    }
    emit({
      bench: 'pipeline',
      what: `${CALLS} calls of ${TURNS} turns of one clinic, in Kafka already, until all are in Postgres and ClickHouse`,
      count: CALLS,
      unit: 'calls',
      seconds: round(seconds),
      per_second: round(CALLS / seconds, 0),
      peak_memory_mib: { ...posting.peaks(), ...watch.peaks() },
      cpu_ms_per_unit: Object.fromEntries(
        Object.entries(cpu).map(([name, ms]) => [name, round(ms / CALLS, 3)]),
      ),
      ...limit,
    });
  } finally {
    await stores.close();
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

/** What the store of a stage does at most; enrich, which has none, is paired with both. */
function limitOf(
  name: ProcessName,
  took: number,
  { reference, figures: { copy_seconds, insert_seconds } }: StoresLimit,
): Pick<Result, 'reference' | 'ratio'> {
  const own = {
    'sink-postgres': { what: 'COPY of the same Postgres rows into empty tables', limit: copy_seconds },
    'sink-clickhouse': { what: 'one insert of the same facts of a kind', limit: insert_seconds },
  };
  const both = { what: reference.what, limit: copy_seconds + insert_seconds };
  const { what, limit } = name === 'sink-postgres' || name === 'sink-clickhouse' ? own[name] : both;
  return { reference: { what, per_second: round(CALLS / limit, 0) }, ratio: round(limit / took, 4) };
}

/** Through ingest, so that the broker holds what it would hold. */
async function postAll({ demo }: Switchboard): Promise<void> {
  const poster = createCallPoster(demo, BODIES_UNDER_WAY);
  await poster.postAll(callBodies(CALLS, { seed: 7, turns: TURNS, endsAt: Date.now() }));
  await poster.close();
}

/** How many calls have passed each stage. */
async function howFar(
  { demo }: Switchboard,
  { postgres, clickhouse }: Stores,
): Promise<Record<string, number>> {
  const [received, rows, facts] = await Promise.all([
    lagOf(demo, 'voice-call.received.v1'),
    postgres.query<{ count: number }>('SELECT count(*)::int AS count FROM inbox'),
    clickhouse.query<{ count: number }>('SELECT sum(sign)::Int64 AS count FROM fact_voice_call', undefined, {
      output_format_json_quote_64bit_integers: 0,
    }),
  ]);
  return {
    enrich: CALLS - received,
    'sink-postgres': rows.rows[0]?.count ?? 0,
    'sink-clickhouse': facts[0]?.count ?? 0,
  };
}
