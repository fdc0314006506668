import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '@switchboard/postgres';
import { type Demo, type ProcessName, startSwitchboard } from '@switchboard/start';
import { openStores } from '@switchboard/testkit/open-stores';
import { callBodies } from './call-bodies.ts';
import { createCallPoster } from './call-poster.ts';
import { postAtRate } from './post-at-rate.ts';
import { watchUsage } from './process-usage.ts';
import { type Bench, latencies, round } from './report.ts';
import { largeClinic, seedLargeClinic } from './tools/seed-large-clinic.ts';
import { runCallers, toolNames, type Uses } from './tools/simulated-caller.ts';
import { unlimited } from './unlimited.ts';

const EVENTS_PER_SECOND = 50;
const TURNS = 12;
const CALLS_AT_ONCE = 20;
/** What a voice says and hears between two uses of tools takes longer than this. */
const PAUSE_MS = 1_000;
const LOOK_MS = 50;
/** What the first events of a process cost (its code is not compiled yet) is no part of how it goes on. */
const FLOW_WARM_UP_MS = 10_000;
const processes: readonly ProcessName[] = ['api', 'postgres', 'sink-postgres'];

/** The voice agent's tools against a large clinic: one call alone, then twenty at once while other calls' events flow, as they have for a while. */
export const tools: Bench = async ({ seconds = 30, emit, say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const running = await startSwitchboard({ dir, env: unlimited, say });
  const { demo } = running;
  const stores = openStores(demo, { applicationName: 'bench', statementTimeoutMs: 900_000 });
  try {
    say(`making ${largeClinic.patients} patients and a year of appointments`);
    const clinic = await seedLargeClinic(stores.postgres, demo.tenant);
    say(`${clinic.appointments} appointments`);
    const alone = { demo, clinic, atOnce: 1, pauseMs: 0 };
    await runCallers({ ...alone, seconds: Math.min(10, seconds) });
    const reference = (await runCallers({ ...alone, seconds: Math.min(10, seconds) })).times;

    for (const [how, pauseMs] of [
      ['as people speak', PAUSE_MS],
      ['without a pause', 0],
    ] as const) {
      const ended = new AbortController();
      const flow = postCalls(demo, ended.signal);
      await sleep(FLOW_WARM_UP_MS);
      const postedBefore = flow.posted();
      const watch = watchUsage(() => Object.fromEntries(processes.map((name) => [name, running.pid(name)])));
      const waits = watchWaits(stores.postgres, ended.signal);
      const callers = { demo, clinic, atOnce: CALLS_AT_ONCE, pauseMs, seconds };
      const begun = performance.now();
      const uses = await runCallers(callers);
      const eventsPerSecond = ((flow.posted() - postedBefore) * 1_000) / (performance.now() - begun);
      ended.abort();
      const [, waiting] = await Promise.all([flow.done, waits]);
      const cpu = watch.cpuMs();
      await watch.stop();
      say(JSON.stringify(uses.codes));
      const count = Object.values(uses.times).reduce((sum, { length }) => sum + length, 0);
      for (const tool of toolNames)
        emit({
          bench: 'tools',
          what: `${tool}, ${CALLS_AT_ONCE} calls at once, ${how}, ${round(eventsPerSecond, 0)} events a second, ${clinic.appointments} appointments`,
          ...resultOf(uses, tool, seconds),
          cpu_ms_per_unit: Object.fromEntries(
            Object.entries(cpu).map(([name, ms]) => [name, round(ms / count)]),
          ),
          reference: {
            what: 'one call alone, no events',
            per_second: round(reference[tool].length / Math.min(10, seconds)),
            p99_ms: latencies(reference[tool]).p99_ms,
          },
          figures: {
            alone_p50_ms: latencies(reference[tool]).p50_ms ?? Number.NaN,
            ...waiting,
            load_average: round(loadavg()[0] ?? Number.NaN),
          },
        });
    }
  } finally {
    await stores.close();
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

function resultOf({ times }: Uses, tool: (typeof toolNames)[number], seconds: number) {
  const own = times[tool];
  return {
    count: own.length,
    unit: 'uses',
    seconds,
    per_second: round(own.length / seconds),
    ...latencies(own),
  };
}

/** Posts finished calls at an even rate until it is told to end, and says how many so far. */
function postCalls(demo: Demo, signal: AbortSignal): { posted(): number; done: Promise<void> } {
  const poster = createCallPoster(demo, 16);
  const seed = Math.floor(Math.random() * 1e6);
  let posted = 0;
  const done = postAtRate({
    bodies: callBodies(1e9, { seed, turns: TURNS, endsAt: Date.now() + 1e9 }),
    rate: EVENTS_PER_SECOND,
    ended: signal,
    post(body) {
      posted += 1;
      return poster.post(body);
    },
  }).finally(poster.close);
  return { posted: () => posted, done };
}

/** How many of the API's connections work, and how many wait for the tenant's lock, on average of many looks. */
async function watchWaits(postgres: Pool, signal: AbortSignal): Promise<Record<string, number>> {
  const seen = { active: 0, locked: 0, looks: 0 };
  while (!signal.aborted) {
    const { rows } = await postgres.query<{ active: number; locked: number }>(
      `SELECT count(*) FILTER (WHERE state <> 'idle')::int AS active, count(*) FILTER (WHERE wait_event = 'advisory')::int AS locked
       FROM pg_stat_activity WHERE application_name = 'switchboard-api'`,
    );
    seen.active += rows[0]?.active ?? 0;
    seen.locked += rows[0]?.locked ?? 0;
    seen.looks += 1;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  return {
    connections_at_work: round(seen.active / seen.looks),
    connections_waiting_for_lock: round(seen.locked / seen.looks),
  };
}
