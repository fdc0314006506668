import { createHash } from 'node:crypto';
import { type CallStory, type CallTruth, type GivenCall, tellCall } from './call-story.ts';
import { demoCallers, type SimulatedClinic } from './clinic.ts';
import { createRandom, type Random } from './random.ts';
import type { WebhookBody } from './webhook-body.ts';

export interface CallGeneratorOptions {
  clinic?: SimulatedClinic;
  /** When the first call ends, Unix ms. */
  startAt: number;
  /** From one call's end to the next one's, ms; 1,000 unless told. */
  everyMs?: number;
  /** Part of each event posted twice; 0.08 unless told. */
  repeats?: number;
  /** Part of the calls whose events come in any order; 0.2 unless told. */
  shuffled?: number;
}

export interface GeneratedCall {
  callId: string;
  /** To be posted in this order: repeats are in it, and some calls' events are out of order. */
  bodies: WebhookBody[];
  truth: CallTruth;
  story: CallStory;
}

export interface CallGenerator {
  /** The events of the next call, in the order to post them. */
  next(): WebhookBody[];
  /** The same, with what the call was about. @param given what it must be about */
  nextCall(given?: GivenCall): GeneratedCall;
}

/**
 * Calls of a clinic, without end: bookings, changes of mind, questions, complaints, voicemails, failures. The same seed
 * and options give the same calls; another start gives calls with other ids.
 */
export function createCallGenerator(seed: number, options: CallGeneratorOptions): CallGenerator {
  const random = createRandom(seed);
  const { clinic = demoCallers, startAt, everyMs = 1_000, repeats = 0.08, shuffled = 0.2 } = options;
  let made = 0;

  function nextCall(given: GivenCall = {}): GeneratedCall {
    const callId = `zc_${seed}_${startAt.toString(36)}_${made}`;
    const endMs = startAt + made * everyMs;
    made += 1;
    const story = tellCall(random, clinic, endMs, given);
    const events = callEvents(random, clinic, story, callId, endMs);
    const ordered = random.chance(shuffled) ? random.shuffle(events) : events;
    const bodies = ordered.flatMap((body) => (random.chance(repeats) ? [body, body] : [body]));
    return { callId, bodies, truth: story.truth, story };
  }

  return { next: () => nextCall().bodies, nextCall };
}

/** The events of a call that ends about `endMs`, in order; now and then the first is missing. */
export function callEvents(
  random: Random,
  clinic: SimulatedClinic,
  story: CallStory,
  callId: string,
  endMs: number,
): WebhookBody[] {
  const { plot, durationSeconds } = story;
  const startMs = endMs - durationSeconds * 1_000;
  const time = (ms: number) => withOffset(ms, clinic.timeZone);
  const outbound = plot.direction === 'outbound';
  const call: WebhookBody['call'] = {
    id: callId,
    direction: plot.direction ?? 'inbound',
    from: outbound ? clinic.number : story.number,
    to: outbound ? story.number : clinic.number,
    status: 'in_progress',
    started_at: time(startMs),
    language: story.language,
    agent: { id: 'ag_1', name: 'Asha', version: random.pick(['3', '3', '4']) },
  };
  const event = (
    name: WebhookBody['event'],
    atMs: number,
    rest: Pick<WebhookBody, 'call'> & Partial<WebhookBody>,
  ): WebhookBody => ({ event: name, event_id: `evt_${callId}_${name}`, occurred_at: time(atMs), ...rest });
  const started = event('call.started', startMs, { call });
  const status = plot.status ?? 'completed';
  const ended = {
    ...call,
    status,
    ended_at: time(endMs),
    end_reason: plot.endReason ?? random.pick(['caller_hangup', 'caller_hangup', 'agent_hangup']),
  };
  if (status === 'failed' || status === 'no_answer')
    return [started, event('call.failed', endMs, { call: ended })];

  const answered = {
    ...ended,
    answered_at: time(startMs + 1_500),
    duration_seconds: durationSeconds,
    cost: cost(random, durationSeconds),
  };
  const transcript = { language: story.language, engine: 'hears-2', turns: story.turns };
  const completed = event('call.completed', endMs, {
    call: answered,
    transcript,
    quality: quality(random),
    tool_calls: toolCalls(plot.outcome, callId, (ms) => time(startMs + ms)),
    ...(plot.outcome ? { outcome: plot.outcome } : {}),
  });
  // A vendor need not repeat what it has told.
  const briefly = { id: callId, direction: call.direction };
  const events = [started, completed];
  if (random.chance(0.9))
    events.push(
      event('recording.ready', endMs + 4_000, {
        call: briefly,
        recording: recording(random, callId, durationSeconds),
      }),
    );
  if (plot.intent && random.chance(0.85))
    events.push(
      event('call.analyzed', endMs + 6_000, {
        call: random.chance(0.5) ? briefly : ended,
        extraction: extraction(random, story),
        ...(plot.outcome ? { outcome: plot.outcome } : {}),
      }),
    );
  return random.chance(0.03) ? events.slice(1) : events;
}

function cost(random: Random, durationSeconds: number) {
  return { amount: Math.round(durationSeconds * (0.1 + random.next() * 0.05) * 100) / 100, currency: 'USD' };
}

function quality(random: Random): WebhookBody['quality'] {
  const round = (value: number) => Math.round(value * 1000) / 1000;
  const p50 = random.between(380, 900);
  return {
    audio_score: round(0.7 + random.next() * 0.3),
    transcription_confidence: round(0.8 + random.next() * 0.2),
    latency_ms_p50: p50,
    latency_ms_p95: p50 + random.between(150, 900),
    interruptions: random.between(0, 3),
    silence_seconds: random.between(0, 15),
  };
}

function toolCalls(
  outcome: string | null,
  callId: string,
  at: (ms: number) => string,
): WebhookBody['tool_calls'] {
  if (outcome !== 'booked' && outcome !== 'rescheduled') return [];
  const names = ['available-slots', outcome === 'booked' ? 'book-appointment' : 'reschedule-appointment'];
  return names.map((name, index) => ({
    id: `${callId}_t${index}`,
    name,
    requested_at: at(6_000 + index * 8_000),
    responded_at: at(6_400 + index * 8_000),
    ok: true,
  }));
}

function recording(random: Random, callId: string, durationSeconds: number): WebhookBody['recording'] {
  return {
    url: `https://recordings.zoice.example/${callId}.mp3`,
    format: 'mp3',
    duration_seconds: durationSeconds,
    size_bytes: durationSeconds * 16_000 + random.between(0, 999),
    sha256: createHash('sha256').update(callId).digest('hex'),
    channels: 1,
  };
}

function extraction(random: Random, { plot, truth }: CallStory): WebhookBody['extraction'] {
  const entities: Record<string, string> = {};
  if (truth.name && random.chance(0.7)) entities.patient_name = truth.name;
  if (truth.date) entities.date = truth.date;
  if (truth.time) entities.time = truth.time;
  return { intent: plot.intent, confidence: Math.round((0.7 + random.next() * 0.3) * 100) / 100, entities };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** RFC 3339 in the clinic's wall time, e.g. `2026-11-20T10:32:11+05:30`. */
export function withOffset(ms: number, timeZone: string): string {
  const whole = Math.floor(ms / 1000) * 1000;
  const format =
    formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  formats.set(timeZone, format);
  const zone = format.formatToParts(whole).find(({ type }) => type === 'timeZoneName');
  const offset = zone?.value.replace('GMT', '') || '+00:00';
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? [];
  const shift = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  return `${new Date(whole + shift).toISOString().slice(0, 19)}${offset}`;
}
