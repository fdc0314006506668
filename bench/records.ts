import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProcessName, startSwitchboard } from '@switchboard/start';
import { openStores } from '@switchboard/testkit/open-stores';
import { randomClinicEvents } from '@switchboard/testkit/random-clinic-events';
import { postAllEvents } from '@switchboard/testkit/simulate/post-events';
import { measureLimit } from './pipeline/limit-of-stores.ts';
import { untilTaken } from './pipeline/until-taken.ts';
import { watchUsage } from './process-usage.ts';
import { type Bench, round } from './report.ts';
import { unlimited } from './unlimited.ts';

const EVENTS = 200_000;
const dayMs = 86_400_000;
const stages: readonly ProcessName[] = ['sink-postgres', 'sink-clickhouse'];
const processes: readonly ProcessName[] = [...stages, 'kafka', 'postgres', 'clickhouse'];
/** What the sink writes of a clinic's records. */
const tables = [
  'inbox',
  'practitioners',
  'patients',
  'patient_identifiers',
  'appointments',
  'appointment_history',
  'journeys',
  'journey_steps',
  'conversations',
  'conversation_messages',
  'fact_current',
];
const kinds = ['appointment', 'journey', 'journey_step', 'message', 'conversation'];

/** Mixed events of a clinic's system that are in Kafka already, until all are in Postgres and in ClickHouse; then the limits of both stores. */
export const records: Bench = async ({ emit, say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const running = await startSwitchboard({ dir, env: unlimited, say });
  const stores = openStores(running.demo, { applicationName: 'bench', statementTimeoutMs: 600_000 });
  try {
    for (const name of stages) await running.hold(name);
    const startAt = Date.now() - 200 * dayMs;
    const told = randomClinicEvents(3, { count: EVENTS, startAt, days: 120 }).slice(0, EVENTS);
    // As they come: many records side by side, each in its order.
    const events = told.toSorted((left, right) => Date.parse(left.time) - Date.parse(right.time));
    say(`posting ${events.length} events`);
    const { ingest, api_key: key } = running.demo;
    // Through ingest, so that the broker holds what it would hold.
    await postAllEvents({ url: `${ingest}/api/v1/events`, key }, events);
    for (const name of ['ingest', 'enrich', 'api'] as const) await running.hold(name);

    const watch = watchUsage(() => Object.fromEntries(processes.map((name) => [name, running.pid(name)])));
    const begunAt = performance.now();
    for (const name of stages) await running.release(name);
    const sunkAt = await untilTaken(stores, EVENTS);
    const cpu = watch.cpuMs();
    await watch.stop();
    const seconds = (performance.now() - begunAt) / 1_000;
    const limit = await measureLimit(stores, { tables, kinds, count: EVENTS, seconds }, say);
    emit({
      bench: 'records',
      what: `${EVENTS} mixed events of one clinic's system, in Kafka already, until all are in Postgres and ClickHouse`,
      count: EVENTS,
      unit: 'events',
      seconds: round(seconds),
      per_second: round(EVENTS / seconds, 0),
      peak_memory_mib: watch.peaks(),
      cpu_ms_per_unit: Object.fromEntries(
        Object.entries(cpu).map(([name, ms]) => [name, round(ms / EVENTS, 3)]),
      ),
      ...limit,
      figures: { postgres_seconds: round((sunkAt - begunAt) / 1_000), ...limit.figures },
    });
  } finally {
    await stores.close();
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
};
