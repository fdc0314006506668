import { type PostEventsOptions, postEvents } from '../post-events.ts';
import { type PostOptions, postWebhook } from '../post-webhook.ts';
import type { Happening } from './telling.ts';

export interface PostHistoryOptions {
  /** Calls are posted there, signed now, with their own times in them. */
  calls: Pick<PostOptions, 'url' | 'secret'>;
  events: PostEventsOptions;
  signal?: AbortSignal;
}

export interface HistorySummary {
  calls: number;
  events: number;
  /** Webhooks that were never accepted, and events that are not valid. */
  failed: number;
}

const batchSize = 200;
const callsAtOnce = 8;

/** Posts a history in order of time, as fast as it is taken; a signal ends it between two batches. */
export async function postHistory(
  options: PostHistoryOptions,
  history: readonly Happening[],
): Promise<HistorySummary> {
  const summary = { calls: 0, events: 0, failed: 0 };
  for (let from = 0; from < history.length && !options.signal?.aborted; from += batchSize) {
    const part = history.slice(from, from + batchSize);
    const events = part.flatMap((one) => (one.kind === 'event' ? [one.event] : []));
    const bodies = part.flatMap((one) =>
      one.kind === 'call' ? one.bodies.map((body) => JSON.stringify(body)) : [],
    );
    // First what the clinic's system knows: a call that is told later finds its patient and its appointment.
    const invalid = events.length > 0 ? await postEvents(options.events, events) : 0;
    const refused = await postCalls(options.calls, bodies);
    summary.events += events.length;
    summary.calls += part.length - events.length;
    summary.failed += invalid + refused;
  }
  return summary;
}

/** @returns how many were never accepted */
async function postCalls(
  calls: Pick<PostOptions, 'url' | 'secret'>,
  bodies: readonly string[],
): Promise<number> {
  let next = 0;
  let failed = 0;
  const work = async () => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++])
      if (!(await postWebhook(calls, body)).accepted) failed += 1;
  };
  await Promise.all(Array.from({ length: callsAtOnce }, work));
  return failed;
}
