import { setTimeout as sleep } from 'node:timers/promises';
import { postSigned } from '../twilio/twilio-webhooks.ts';
import { createCallGenerator, type GeneratedCall } from './call-generator.ts';
import { demoCallers, type SimulatedClinic } from './clinic.ts';
import type { ClinicEventBody } from './clinic-event.ts';
import { createDeskClient, type DeskOptions } from './desk/desk-client.ts';
import { createFrontDesk } from './desk/front-desk.ts';
import { createLiveCalls, type LiveCalls, needsTools } from './live-calls.ts';
import { createLiveChats, type LiveMessage } from './live-chats.ts';
import { createLiveRecords } from './live-records.ts';
import type { ToolsOptions } from './live-tools.ts';
import { type Plot, plots } from './plots.ts';
import { type PostEventsOptions, postEvents } from './post-events.ts';
import { type PostOptions, type PostResult, postWebhook } from './post-webhook.ts';
import { createRandom } from './random.ts';
import type { WebhookBody } from './webhook-body.ts';

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
  /** The voice agent books by these; unless told, the clinic's system books what was agreed. */
  tools?: ToolsOptions;
  /** Patients write by WhatsApp through Twilio, and the clinic's system answers; not at all unless told. */
  twilio?: TwilioOptions;
  /** Staff resolve each minute what was answered, and close what was asked for; not at all unless told. */
  desk?: DeskOptions;
}

export interface TwilioOptions {
  /** Webhooks are posted there. */
  url: string;
  /** What they are signed over: how Twilio reaches that address. */
  publicUrl: string;
  authToken: string;
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
  /** Calls in which the tools were used. */
  byTools: number;
  /** WhatsApp messages of patients posted. */
  messages: number;
  /** Of the answers, ms. */
  p50: number;
  p95: number;
}

/** Posts calls at a fixed rate, whatever the answers (open loop), and waits for the last answer. */
export async function runSimulation(options: SimulationOptions): Promise<SimulationSummary> {
  const { rate, forMs, seed, spreadMs = 1_500, clinic = demoCallers, events, tools, twilio, desk } = options;
  const everyMs = 1_000 / rate;
  const startAt = Date.now();
  const run = { seed, startAt, clinic };
  const generator = createCallGenerator(seed, { startAt, everyMs, clinic });
  const pauses = createRandom(seed + 1);
  const liveRecords = createLiveRecords({ ...run, booksItself: tools === undefined });
  const liveCalls = tools && createLiveCalls({ ...run, tools });
  const liveChats = twilio && createLiveChats(run);
  const results: PostResult[] = [];
  const counts = { repeated: 0, records: 0, failed: 0, byTools: 0, messages: 0 };
  const running: Promise<void>[] = [];
  const calls = Math.round((forMs / 1_000) * rate);
  const startedAt = performance.now();

  const over = new AbortController();
  const working = desk && workAtDesk(desk, seed, over.signal);
  let begun = 0;
  for (; begun < calls && !options.signal?.aborted; begun++) {
    await sleep(Math.max(0, startedAt + begun * everyMs - performance.now()));
    const plot = pauses.weighted(plots.map((one) => [one.weight, one] as const));
    if (liveCalls && needsTools(plot)) {
      counts.byTools += 1;
      running.push(postByTools(liveCalls, plot));
    } else running.push(...postCall(generator.nextCall({ plot })));
    if (liveChats && twilio && pauses.chance(0.2)) running.push(postChat(liveChats.next(), twilio));
  }
  await Promise.all(running);
  over.abort();
  await working;
  const { failed, ...summary } = summarise(begun, results);
  return { ...summary, ...counts, failed: failed + counts.failed };

  function postCall(call: GeneratedCall): Promise<void>[] {
    const seen = new Set<string>();
    let after = 0;
    const posts = call.bodies.map((body) => {
      if (seen.has(body.event_id)) counts.repeated += 1;
      seen.add(body.event_id);
      const posted = postLater(body, after);
      after += pauses.between(0, spreadMs);
      return posted;
    });
    return [...posts, postRecords(liveRecords.after(call, Date.now()))];
  }

  async function postByTools(live: LiveCalls, plot: Plot): Promise<void> {
    const bodies = await live.next(plot, (body) => postLater(body, 0));
    await Promise.all(bodies.map((body, index) => postLater(body, index * pauses.between(0, spreadMs))));
    await postRecords(liveRecords.after(undefined, Date.now()));
  }

  async function postChat(chat: readonly LiveMessage[], to: TwilioOptions): Promise<void> {
    for (const message of chat) {
      if (options.signal?.aborted) return;
      await sleep(message.afterMs, undefined, { signal: options.signal }).catch(() => undefined);
      if (message.by === 'clinic') await postRecords([message.event(Date.now())]);
      else {
        counts.messages += 1;
        if (!(await postMessage(to, message.form))) counts.failed += 1;
      }
    }
  }

  async function postRecords(some: readonly ClinicEventBody[]): Promise<void> {
    if (!events || some.length === 0) return;
    counts.records += some.length;
    counts.failed += await postEvents(events, some);
  }

  async function postLater(body: WebhookBody, afterMs: number): Promise<void> {
    await sleep(afterMs);
    results.push(await postWebhook(options, JSON.stringify(body)));
  }
}

const deskEveryMs = 60_000;
/** So long after the last word a conversation is over, and a request seen to; what is older, the history's desk sees to. */
const deskAfterMs = 5 * 60_000;
const deskBackMs = 60 * 60_000;

async function workAtDesk(options: DeskOptions, seed: number, signal: AbortSignal): Promise<void> {
  const desk = createFrontDesk({ client: createDeskClient(options), seed, now: Date.now });
  const pause = () => sleep(deskEveryMs, true, { signal }).catch(() => false);
  // Who finds the API away comes again in a minute.
  while (await pause()) {
    const now = Date.now();
    await desk.workThrough(now - deskAfterMs, now - deskBackMs).catch(() => undefined);
  }
}

const twilioTries = [0, 1_000, 4_000];

/** Posts a message as Twilio does: the same again where there was no answer, or a 5xx. @returns whether it was taken */
async function postMessage(
  { url, publicUrl, authToken }: TwilioOptions,
  form: Record<string, string>,
): Promise<boolean> {
  for (const pauseMs of twilioTries) {
    await sleep(pauseMs);
    const status = await postSigned({ url, form }, authToken, publicUrl);
    if (status === 200) return true;
    if (status !== 0 && status < 500) return false;
  }
  return false;
}

function summarise(
  calls: number,
  results: readonly PostResult[],
): Pick<SimulationSummary, 'calls' | 'sent' | 'accepted' | 'retried' | 'failed' | 'p50' | 'p95'> {
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
    retried: results.filter(({ tries }) => tries > 1).length,
    failed: results.length - accepted,
    p50: quantile(0.5),
    p95: quantile(0.95),
  };
}
