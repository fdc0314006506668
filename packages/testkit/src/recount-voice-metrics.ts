import type { RandomCall } from './random-calls.ts';

type Calls = readonly RandomCall[];
type Recount = (calls: Calls) => number | null;

const count = (calls: Calls, test: (call: RandomCall) => boolean) => calls.filter(test).length;
const rate = (
  calls: Calls,
  of: (call: RandomCall) => boolean,
  base: (call: RandomCall) => boolean = () => true,
) => mean(calls.filter(base).map((call) => (of(call) ? 1 : 0)));
const mean = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
const present = (values: readonly (number | null | undefined)[]) =>
  values.filter((value) => value !== null && value !== undefined);
const nearestRank = (values: readonly number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length)) - 1] ?? null;

const spoke = (call: RandomCall) =>
  (call.callerTurns ?? 0) > 0 && !['no_answer', 'busy', 'voicemail'].includes(call.status ?? '');
const over = (call: RandomCall) => call.status !== null && call.status !== 'in_progress';
const gaveUp = (call: RandomCall) => call.outcome === 'abandoned';
/** Nobody heard the caller: by the transcript, or else because nobody answered, or the vendor says so. */
const silent = (call: RandomCall) => {
  if (call.callerTurns !== null) return call.callerTurns === 0;
  const connectedBy = call.status === 'failed' ? [call.durationSeconds, call.answeredAt] : [1];
  return (
    gaveUp(call) ||
    ['no_answer', 'busy'].includes(call.status ?? '') ||
    call.durationSeconds === 0 ||
    connectedBy.every((sign) => sign === null)
  );
};
const handedOver = (call: RandomCall) =>
  spoke(call) && (call.transferred || call.endReason === 'transferred' || call.outcome === 'transferred');
const wantsToBook = (call: RandomCall) => call.intent === 'book_appointment';
const inbound = (call: RandomCall) => call.direction === 'inbound';
const knownCaller = (call: RandomCall) => inbound(call) && call.caller !== null;
const askedBack = (call: RandomCall) => call.outcome === 'callback_requested';
const talkSeconds = (call: RandomCall) => {
  if (!spoke(call)) return null;
  if (call.durationSeconds !== null) return call.durationSeconds;
  return call.answeredAt !== null && call.endedAt !== null
    ? Math.max(0, call.endedAt - call.answeredAt) / 1_000
    : null;
};
const talks = (calls: Calls) => present(calls.map(talkSeconds));
const tools = (calls: Calls) => calls.flatMap((call) => call.toolCalls);
const cost = (calls: Calls) =>
  present(calls.map((call) => call.costMinor)).reduce((sum, one) => sum + one, 0);
const charged = (calls: Calls) => calls.filter((call) => call.costMinor !== null);

/** Every voice metric counted from the calls themselves, by the words of its definition and none of the facts' code. */
export const recountVoiceMetrics: Readonly<Record<string, Recount>> = {
  calls_total: (calls) => calls.length,
  call_intent_mix: (calls) => calls.length,
  call_outcome_mix: (calls) => calls.length,
  calls_inbound: (calls) => count(calls, inbound),
  calls_outbound: (calls) => count(calls, (call) => call.direction === 'outbound'),
  calls_connected: (calls) => count(calls, spoke),
  calls_failed: (calls) => count(calls, (call) => call.status === 'failed'),
  calls_voicemail: (calls) => count(calls, (call) => call.status === 'voicemail'),
  connect_rate: (calls) => rate(calls, spoke),
  unique_callers: (calls) => new Set(calls.filter(knownCaller).map((call) => call.caller)).size,
  repeat_caller_rate: (calls) => rate(calls, (call) => call.calledBefore, knownCaller),
  talk_minutes_total: (calls) => talks(calls).reduce((sum, one) => sum + one, 0) / 60,
  call_duration_mean_seconds: (calls) => mean(talks(calls)),
  call_duration_median_seconds: (calls) => nearestRank(talks(calls), 0.5),
  call_duration_p90_seconds: (calls) => nearestRank(talks(calls), 0.9),
  abandonment_rate: (calls) =>
    rate(calls, (call) => over(call) && call.status !== 'voicemail' && silent(call), inbound),
  containment_rate: (calls) =>
    rate(
      calls,
      (call) => over(call) && !handedOver(call) && call.endReason !== 'error' && call.status !== 'failed',
      spoke,
    ),
  transfer_rate: (calls) => rate(calls, handedOver, spoke),
  booking_success_rate: (calls) => rate(calls, (call) => call.outcome === 'booked', wantsToBook),
  resolution_rate_calls: (calls) =>
    rate(
      calls,
      ({ outcome }) => ['booked', 'rescheduled', 'cancelled', 'answered'].includes(outcome ?? ''),
      spoke,
    ),
  identification_rate: (calls) => rate(calls, (call) => call.patientId !== null, spoke),
  first_call_resolution_rate: (calls) =>
    rate(
      calls,
      (call) => !call.calledAgain,
      (call) => knownCaller(call) && spoke(call),
    ),
  call_sentiment_positive_rate: (calls) =>
    rate(
      calls,
      (call) => call.sentiment === 'positive',
      (call) => call.sentiment !== null,
    ),
  call_sentiment_negative_rate: (calls) =>
    rate(
      calls,
      (call) => call.sentiment === 'negative',
      (call) => call.sentiment !== null,
    ),
  audio_quality_mean: (calls) => mean(present(calls.map((call) => call.audioScore))),
  transcription_confidence_mean: (calls) => mean(present(calls.map((call) => call.transcriptionConfidence))),
  response_latency_p50_ms: (calls) => nearestRank(present(calls.map((call) => call.latencyMsP50)), 0.5),
  response_latency_p95_ms: (calls) => nearestRank(present(calls.map((call) => call.latencyMsP95)), 0.95),
  interruptions_per_call: (calls) => mean(present(calls.map((call) => call.interruptions))),
  silence_rate: (calls) => {
    const known = calls.filter((call) => call.silenceSeconds !== null && talkSeconds(call) !== null);
    const base = known.reduce((sum, call) => sum + (talkSeconds(call) ?? 0), 0);
    const silent = known.reduce((sum, call) => sum + (call.silenceSeconds ?? 0), 0);
    return base === 0 ? null : silent / base;
  },
  tool_calls_total: (calls) => tools(calls).length,
  tool_success_rate: (calls) =>
    mean(
      tools(calls)
        .filter((tool) => tool.ok !== null)
        .map((tool) => (tool.ok ? 1 : 0)),
    ),
  tool_latency_p95_ms: (calls) => nearestRank(present(tools(calls).map((tool) => tool.latencyMs)), 0.95),
  extraction_completeness_rate: (calls) =>
    rate(
      calls,
      ({ extraction }) => (extraction?.filled ?? 0) >= (extraction?.required ?? 0),
      (call) => call.extraction !== null,
    ),
  extraction_confidence_mean: (calls) => mean(present(calls.map((call) => call.extraction?.confidence))),
  analysis_delay_p95_seconds: (calls) =>
    nearestRank(
      calls.flatMap(({ analyzedAt, endedAt }) =>
        analyzedAt === null || endedAt === null ? [] : [Math.max(0, analyzedAt - endedAt) / 1_000],
      ),
      0.95,
    ),
  cost_total: cost,
  cost_per_call: (calls) => (charged(calls).length === 0 ? null : cost(calls) / charged(calls).length),
  cost_per_booking: (calls) => {
    const booked = count(charged(calls), (call) => call.outcome === 'booked');
    return booked === 0 ? null : cost(calls) / booked;
  },
  callback_requests: (calls) => count(calls, askedBack),
  callback_fulfilment_rate: (calls) => rate(calls, (call) => call.calledBack, askedBack),
};
