import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceName, type Switchboard, startSwitchboard } from '@switchboard/start';
import { openStores } from '@switchboard/testkit/open-stores';
import { callBodies } from './call-bodies.ts';
import { createCallPoster } from './call-poster.ts';
import { lagOf } from './lag-of.ts';
import { untilTaken } from './pipeline/until-taken.ts';
import { postAtRate } from './post-at-rate.ts';
import { watchUsage } from './process-usage.ts';
import { type Bench, latencies, round } from './report.ts';

const RATE = 150;
const TURNS = 12;
/** Until compilers have made what is run often, and heaps are as large as the rate wants them. */
const WARM_UP_SECONDS = 60;
const services: readonly ServiceName[] = [
  'ingest',
  'api',
  'jobs',
  'enrich',
  'sink-postgres',
  'sink-clickhouse',
];
/** Fresh calls wait for as long as this in an ordinary second: no backlog is left. */
const LEVEL = RATE;
/** A machine that can't keep up with the rate never gets there. */
const PATIENCE_SECONDS = 1_800;

/**
 * Calls at a fixed rate while sink-postgres is stopped, and what each service's memory grows by; then it starts, and works
 * off what has piled up while calls come at the same rate.
 */
export const backlog: Bench = async ({ seconds = 600, emit, say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const running = await startSwitchboard({ dir, say });
  const stores = openStores(running.demo, { applicationName: 'bench' });
  try {
    const traffic = startTraffic(running, seconds);
    const watch = (names: readonly ServiceName[]) =>
      watchUsage(() => Object.fromEntries(names.map((name) => [name, running.pid(name)])));
    say(`${WARM_UP_SECONDS} s at ${RATE}/s, all running`);
    const warm = watch(services);
    await sleep(WARM_UP_SECONDS * 1_000);
    await warm.stop();

    say(`sink-postgres is stopped for ${seconds} s`);
    await running.hold('sink-postgres');
    traffic.answers.length = 0;
    const others = services.filter((name) => name !== 'sink-postgres');
    const stopped = watch(others);
    await traffic.during(seconds);
    await stopped.stop();
    const growth = growthOf(warm.peaks(), stopped.peaks());
    emit({
      bench: 'backlog',
      what: `sink-postgres stopped, ${RATE} calls of ${TURNS} turns a second: webhook to its answer, and what each service grows by`,
      count: traffic.answers.length,
      unit: 'webhooks',
      seconds,
      per_second: round(traffic.answers.length / seconds),
      ...latencies(traffic.answers),
      peak_memory_mib: stopped.peaks(),
      figures: {
        most_growth_mib: Math.max(...Object.values(growth)),
        ...named('growth_mib', growth),
        answered_503: traffic.unavailable(),
      },
    });

    const piled = await lagOf(running.demo, 'voice-call.enriched.v1');
    const before = traffic.posted();
    say(`${piled} events wait; sink-postgres starts`);
    const begunAt = performance.now();
    await running.release('sink-postgres');
    const draining = watch(services);
    const sinceBegun = () => (performance.now() - begunAt) / 1_000;
    for (let left = piled; left > LEVEL; left = await lagOf(running.demo, 'voice-call.enriched.v1')) {
      if (sinceBegun() > PATIENCE_SECONDS) throw new Error(`${left} events still wait`);
      await sleep(500);
    }
    const took = sinceBegun();
    const fresh = traffic.posted() - before;
    await traffic.stop();
    await untilTaken(stores, traffic.posted());
    await draining.stop();
    const grown = growthOf(warm.peaks(), draining.peaks());
    emit({
      bench: 'backlog',
      what: `the backlog, from the start of sink-postgres until no more than ${LEVEL} events wait, ${RATE} fresh ones a second meanwhile`,
      count: piled,
      unit: 'events',
      seconds: round(took),
      per_second: round(piled / took, 0),
      peak_memory_mib: draining.peaks(),
      figures: {
        events_written_per_second: round((piled + fresh) / took, 0),
        seconds_until_clickhouse_had_all: round(sinceBegun()),
        most_growth_mib: Math.max(...Object.values(grown)),
        ...named('growth_mib', grown),
      },
    });
  } finally {
    await stores.close();
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

/** Posts from now on, until it is stopped. @param seconds for which the sink is */
function startTraffic({ demo }: Switchboard, seconds: number) {
  const poster = createCallPoster(demo, 64);
  const ended = new AbortController();
  const answers: number[] = [];
  let posted = 0;
  let unavailable = 0;
  // More than there will be time for.
  const most = RATE * (WARM_UP_SECONDS + seconds + 3_600);
  const bodies = callBodies(most, { seed: 11, turns: TURNS, endsAt: Date.now() - 1_000 });
  const posting = postAtRate({
    bodies,
    rate: RATE,
    ended: ended.signal,
    async post(body, dueAt) {
      for (let status = await poster.tryPost(body); status !== 202; status = await poster.tryPost(body)) {
        if (status !== 503) throw new Error(`ingest answered ${status}`);
        // As vendors do.
        unavailable += 1;
        await sleep(1_000);
      }
      posted += 1;
      answers.push(performance.now() - dueAt);
    },
  });
  posting.catch(() => undefined);
  return {
    /** From due to answered, ms. */
    answers,
    posted: () => posted,
    /** How often ingest answered 503. */
    unavailable: () => unavailable,
    /** Waits so long; rejects at once when the posting has failed. */
    during: (seconds: number) => Promise.race([sleep(seconds * 1_000), posting]),
    async stop(): Promise<void> {
      ended.abort();
      await posting;
      await poster.close();
    },
  };
}

/** MiB by name, of those seen both times. */
function growthOf(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, peak]) => [name, peak - (before[name] ?? Number.NaN)]),
  );
}

function named(figure: string, values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${figure}_${name}`, value]));
}
