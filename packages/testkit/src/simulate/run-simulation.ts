import { setTimeout as sleep } from 'node:timers/promises';
import { createCallGenerator } from './call-generator.ts';
import type { SimulatedClinic } from './clinic.ts';
import type { ClinicEventBody } from './clinic-event.ts';
import { createLiveRecords } from './live-records.ts';
import { type PostEventsOptions, postEvents } from './post-events.ts';
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
  /** The clinic's system posts there what follows from calls; not at all unless told. */
  events?: PostEventsOptions;
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
  /** Events never accepted, calls' and records'. */
  failed: number;
  /** Events of records posted. */
  records: number;
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
  const liveRecords = createLiveRecords({ seed, startAt: Date.now(), clinic: options.clinic });
  const results: PostResult[] = [];
  let repeated = 0;
  let records = 0;
  let recordsFailed = 0;
  const running: Promise<void>[] = [];
  const calls = Math.round((forMs / 1_000) * rate);
  const startedAt = performance.now();

  let begun = 0;
  for (; begun < calls && !options.signal?.aborted; begun++) {
    await sleep(Math.max(0, startedAt + begun * everyMs - performance.now()));
    const seen = new Set<string>();
    let after = 0;
    const call = generator.nextCall();
    for (const body of call.bodies) {
      if (seen.has(body.event_id)) repeated += 1;
      seen.add(body.event_id);
      running.push(postLater(JSON.stringify(body), after));
      after += pauses.between(0, spreadMs);
    }
    if (options.events) running.push(postRecords(options.events, liveRecords.after(call, Date.now())));
  }
  await Promise.all(running);
  const summary = summarise(begun, repeated, results);
  return { ...summary, records, failed: summary.failed + recordsFailed };

  async function postRecords(to: PostEventsOptions, events: readonly ClinicEventBody[]): Promise<void> {
    if (events.length === 0) return;
    records += events.length;
    recordsFailed += await postEvents(to, events);
  }

  async function postLater(body: string, afterMs: number): Promise<void> {
    await sleep(afterMs);
    results.push(await postWebhook(options, body));
  }
}

function summarise(
  calls: number,
  repeated: number,
  results: readonly PostResult[],
): Omit<SimulationSummary, 'records'> {
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
