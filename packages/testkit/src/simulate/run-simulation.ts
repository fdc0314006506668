import { setTimeout as sleep } from 'node:timers/promises';
import { createCallGenerator } from './call-generator.ts';
import type { SimulatedClinic } from './clinic.ts';
import { type PostOptions, type PostResult, postWebhook } from './post-webhook.ts';
import { createRandom } from './random.ts';

export interface SimulationOptions extends PostOptions {
  /** Calls per second. */
  rate: number;
  forMs: number;
  seed: number;
  clinic?: SimulatedClinic;
  /** A call's later events follow the one before within this, ms; 1,500 unless told. */
  spreadMs?: number;
  signal?: AbortSignal;
}

export interface SimulationSummary {
  calls: number;
  /** Events posted, the same again included. */
  sent: number;
  accepted: number;
  /** Events posted although they had been posted before. */
  repeated: number;
  /** Events that took more than one try. */
  retried: number;
  /** Events never accepted. */
  failed: number;
  /** Of the answers, ms. */
  p50: number;
  p95: number;
}

/** Posts calls at a fixed rate, whatever the answers (open loop), and waits for the last answer. */
export async function runSimulation(options: SimulationOptions): Promise<SimulationSummary> {
  const { rate, forMs, seed, spreadMs = 1_500 } = options;
  const everyMs = 1_000 / rate;
  const generator = createCallGenerator(seed, { startAt: Date.now(), everyMs, clinic: options.clinic });
  const pauses = createRandom(seed + 1);
  const results: PostResult[] = [];
  let repeated = 0;
  const running: Promise<void>[] = [];
  const calls = Math.round((forMs / 1_000) * rate);
  const startedAt = performance.now();

  let begun = 0;
  for (; begun < calls && !options.signal?.aborted; begun++) {
    await sleep(Math.max(0, startedAt + begun * everyMs - performance.now()));
    const seen = new Set<string>();
    let after = 0;
    for (const body of generator.next()) {
      if (seen.has(body.event_id)) repeated += 1;
      seen.add(body.event_id);
      running.push(postLater(JSON.stringify(body), after));
      after += pauses.between(0, spreadMs);
    }
  }
  await Promise.all(running);
  return summarise(begun, repeated, results);

  async function postLater(body: string, afterMs: number): Promise<void> {
    await sleep(afterMs);
    results.push(await postWebhook(options, body));
  }
}

function summarise(calls: number, repeated: number, results: readonly PostResult[]): SimulationSummary {
  const times = results
    .filter(({ accepted }) => accepted)
    .map(({ answerMs }) => answerMs)
    .sort((a, b) => a - b);
  const quantile = (part: number) => Math.round((times[Math.floor(times.length * part)] ?? 0) * 10) / 10;
  const accepted = times.length;
  return {
    calls,
    sent: results.length,
    accepted,
    repeated,
    retried: results.filter(({ tries }) => tries > 1).length,
    failed: results.length - accepted,
    p50: quantile(0.5),
    p95: quantile(0.95),
  };
}
