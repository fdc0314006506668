import { setTimeout as sleep } from 'node:timers/promises';
import type { ClinicEventBody } from '../clinic-event.ts';
import type { DeskSummary, FrontDesk } from '../desk/front-desk.ts';
import { type PostEventsOptions, postEvents } from '../post-events.ts';
import { type PostOptions, postWebhook } from '../post-webhook.ts';
import { dayMs, hourMs } from './clinic-time.ts';
import type { Happening } from './telling.ts';

export interface PostHistoryOptions {
  /** Calls are posted there, signed now, with their own times in them. */
  calls: Pick<PostOptions, 'url' | 'secret'>;
  events: PostEventsOptions;
  /** Works through its lists week by week, as the history goes on; not at all unless given. */
  desk?: FrontDesk | undefined;
  signal?: AbortSignal;
}

export interface HistorySummary extends DeskSummary {
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
  const summary = { calls: 0, events: 0, failed: 0, resolved: 0, closed: 0 };
  const messages = new Map<string, number>();
  let weekFrom = history[0]?.at ?? 0;
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
    for (const event of events)
      if (event.type === 'message.sent') messages.set(numberOf(event), Date.parse(event.time));
    const now = part.at(-1)?.at ?? weekFrom;
    const isLast = from + batchSize >= history.length;
    if (!options.desk || (now < weekFrom + 7 * dayMs && !isLast)) continue;
    await untilSaid(options.desk, messages, weekFrom, options.signal);
    const done = await options.desk.workThrough(now - 4 * hourMs);
    summary.resolved += done.resolved;
    summary.closed += done.closed;
    messages.clear();
    weekFrom = now;
  }
  return summary;
}

function numberOf({ data }: ClinicEventBody): string {
  return String(data.direction === 'outbound' ? data.to_address : data.from_address);
}

const patienceMs = 60_000;

/** Waits until what was posted is what the desk sees: who decides by half of it closes what goes on. */
async function untilSaid(
  desk: FrontDesk,
  messages: ReadonlyMap<string, number>,
  since: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end && !signal?.aborted; ) {
    const said = await desk.lastSaid(since);
    if ([...messages].every(([phone, at]) => (said.get(phone) ?? 0) >= at)) return;
    await sleep(500, undefined, { signal }).catch(() => undefined);
  }
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
