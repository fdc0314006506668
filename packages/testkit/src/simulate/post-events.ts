import { setTimeout as sleep } from 'node:timers/promises';
import type { ClinicEventBody } from './clinic-event.ts';

export interface PostEventsOptions {
  /** Of ingest, e.g. `http://127.0.0.1:8080/api/v1/events`. */
  url: string;
  /** Has the scope `events:write`. */
  key: string;
  signal?: AbortSignal;
}

const firstPauseMs = 500;
const longestPauseMs = 10_000;
const tries = 30;
const tryTimeoutMs = 15_000;

/**
 * Posts a batch as the clinic's system does: the very same again until it is taken.
 * @returns how many of them were refused as invalid; all, when it was never taken; none, when it was broken off
 */
export async function postEvents(
  options: PostEventsOptions,
  events: readonly ClinicEventBody[],
): Promise<number> {
  const body = JSON.stringify(events);
  for (let attempt = 0; attempt < tries && !options.signal?.aborted; attempt += 1) {
    const response = await postOnce(options, body);
    if (response?.status === 202 || response?.status === 422) return countInvalid(await response.json());
    const passing = !response || response.status === 429 || response.status >= 500;
    if (!passing) return events.length;
    await sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** attempt), undefined, {
      signal: options.signal,
    }).catch(() => undefined);
  }
  return options.signal?.aborted ? 0 : events.length;
}

/**
 * Posts any number of events in batches, in the order given.
 * @throws Error when one is refused, or never taken
 */
export async function postAllEvents(
  options: PostEventsOptions,
  events: readonly ClinicEventBody[],
  batchSize = 1_000,
): Promise<void> {
  for (let at = 0; at < events.length; at += batchSize) {
    const refused = await postEvents(options, events.slice(at, at + batchSize));
    if (refused > 0) throw new Error(`${refused} events of a batch were refused, or never taken`);
  }
}

async function postOnce({ url, key }: PostEventsOptions, body: string): Promise<Response | undefined> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json', 'x-api-key': key },
      body,
      signal: AbortSignal.timeout(tryTimeoutMs),
    });
  } catch {
    return undefined;
  }
}

function countInvalid(answer: unknown): number {
  const results: unknown = Reflect.get(Object(answer), 'results');
  if (!Array.isArray(results)) return 0;
  return results.filter((result) => Reflect.get(Object(result), 'status') !== 'accepted').length;
}
