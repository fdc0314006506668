import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Switchboard, startSwitchboard } from '@switchboard/start';
import { z } from 'zod';
import { callBodies } from './call-bodies.ts';
import { createCallPoster } from './call-poster.ts';
import { postAtRate } from './post-at-rate.ts';
import { watchUsage } from './process-usage.ts';
import { type Bench, latencies, round } from './report.ts';

const RATES = [50, 200];
const TURNS = 12;
/** Until compilers have made what is run often: a service runs for days. */
const WARM_UP = { calls: 8_000, rate: 200 };
/** Each look costs the machine that is measured. */
const POLL_MS = 100;
const services = ['ingest', 'enrich', 'sink-postgres', 'sink-clickhouse', 'api', 'jobs'] as const;
const answerSchema = z.object({
  summary: z.object({ calls_total: z.object({ value: z.number() }) }),
});

/**
 * From a webhook's 202 until the analytics API counts its call. The API counts and does not name calls, so the n-th
 * accepted call is taken to be seen when the count reaches n.
 */
export const freshness: Bench = async ({ seconds = 30, emit, say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const running = await startSwitchboard({ dir, say });
  try {
    let counted = await post(running, { ...WARM_UP, seed: 1, before: 0 });
    for (const rate of RATES) {
      const watch = watchUsage(() => Object.fromEntries(services.map((name) => [name, running.pid(name)])));
      const before = counted.total;
      counted = await post(running, { calls: rate * seconds, rate, seed: rate, before });
      await watch.stop();
      emit({
        bench: 'freshness',
        what: `webhook accepted until counted by the analytics API, ${rate} calls a second of ${TURNS} turns`,
        count: counted.ages.length,
        unit: 'calls',
        seconds: round(counted.seconds),
        per_second: round(counted.ages.length / counted.seconds),
        ...latencies(counted.ages),
        peak_memory_mib: watch.peaks(),
        reference: {
          what: 'the webhook’s own answer at the same rate',
          per_second: rate,
          p99_ms: latencies(counted.answers).p99_ms,
        },
      });
    }
  } finally {
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

interface Posting {
  calls: number;
  rate: number;
  seed: number;
  /** How many the API counts already. */
  before: number;
}

interface Counted {
  /** From accepted to counted, ms. */
  ages: number[];
  /** From due to accepted, ms. */
  answers: number[];
  seconds: number;
  /** How many the API counts now. */
  total: number;
}

async function post({ demo }: Switchboard, { calls, rate, seed, before }: Posting): Promise<Counted> {
  const acceptedAt: number[] = [];
  const answers: number[] = [];
  const seenAt: number[] = [];
  const poster = createCallPoster(demo, 64);
  const bodies = [...callBodies(calls, { seed, turns: TURNS, endsAt: Date.now() - 1_000 })];
  const startedAt = performance.now();

  const postOne = async (body: string, dueAt: number) => {
    await poster.post(body);
    acceptedAt.push(performance.now());
    answers.push(performance.now() - dueAt);
  };
  const look = async () => {
    while (seenAt.length < calls) {
      const seen = (await countOf(demo)) - before;
      if (seen > calls) throw new Error(`the API counts ${seen} calls of ${calls}`);
      const now = performance.now();
      while (seenAt.length < seen) seenAt.push(now);
      await sleep(POLL_MS);
    }
  };
  await Promise.all([postAtRate({ bodies, rate, post: postOne }), look()]);
  await poster.close();
  acceptedAt.sort((left, right) => left - right);
  return {
    ages: seenAt.map((at, index) => at - (acceptedAt[index] ?? Number.NaN)),
    answers,
    seconds: (performance.now() - startedAt) / 1_000,
    total: before + calls,
  };
}

async function countOf(demo: Switchboard['demo']): Promise<number> {
  const url = `${demo.api}/api/v1/analytics/voice-calls?time_period=last_7_days&metrics=calls_total&compare=none`;
  const response = await fetch(url, { headers: { 'x-api-key': demo.api_key } });
  return answerSchema.parse(await response.json()).summary.calls_total.value;
}
