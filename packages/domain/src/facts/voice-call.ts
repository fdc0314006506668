import { isBookingIntent } from '../intents.ts';
import type { FactDefinition, Statement } from './fact-definition.ts';
import { currency, flag, histogram, identifier, localTimeColumns, micro, noId } from './statement-parts.ts';

/** One call, under the day it started on. */
export const voiceCallFact = {
  kind: 'voice_call',
  statementVersion: 4,
  count: 'calls',
  bases: ['started'],
  dimensions: {
    direction: 'text',
    status: 'text',
    intent: 'text',
    outcome: 'text',
    end_reason: 'text',
    sentiment: 'text',
    language: 'text',
    agent_id: 'text',
    cost_currency: 'text',
    patient_id: 'id',
    caller: 'id',
  },
  measures: [
    'connected',
    'abandoned',
    'contained',
    'transferred',
    'booking_intent',
    'booked',
    'booked_any',
    'resolved',
    'identified',
    'callback_requested',
    'callback_fulfilled',
    'caller_known',
    'repeat_call',
    'fcr_base',
    'fcr',
    'sentiment_known',
    'sentiment_positive',
    'sentiment_negative',
    'talk_ms',
    'talk_n',
    'audio_quality_micro',
    'audio_quality_n',
    'transcription_confidence_micro',
    'transcription_confidence_n',
    'interruptions',
    'interruptions_n',
    'silence_ms',
    'silence_base_ms',
    'tool_calls',
    'tool_known',
    'tool_ok',
    'extraction_n',
    'extraction_complete',
    'extraction_confidence_micro',
    'extraction_confidence_n',
    'cost_micro',
  ],
  histograms: [
    'duration_ms_hist',
    'latency_p50_ms_hist',
    'latency_p95_ms_hist',
    'tool_latency_ms_hist',
    'analysis_delay_ms_hist',
  ],
  rollupDimensions: ['direction', 'status', 'outcome', 'intent', 'cost_currency'],
} as const satisfies FactDefinition;

export const voiceCallStatementVersion = voiceCallFact.statementVersion;

/** A call as the records hold it, with what its neighbours say of it. Times are Unix ms. */
export interface VoiceCallRecord {
  direction: string;
  status: string | null;
  outcome: string | null;
  intent: string | null;
  endReason: string | null;
  sentiment: string | null;
  language: string | null;
  agentId: string | null;
  beganAt: number;
  answeredAt: number | null;
  endedAt: number | null;
  durationSeconds: number | null;
  /** Null: there is no transcript. */
  callerTurns: number | null;
  transferred: boolean;
  patientId: string | null;
  /** Keyed pseudonym of the other party's number; null: withheld. */
  caller: string | null;
  audioScore: number | null;
  transcriptionConfidence: number | null;
  latencyMsP50: number | null;
  latencyMsP95: number | null;
  interruptions: number | null;
  silenceSeconds: number | null;
  costMinor: number | null;
  costCurrency: string | null;
  extraction: { required: number; filled: number; confidence: number | null } | null;
  /** When the event was received that the extraction was made from. */
  analyzedAt: number | null;
  toolCalls: readonly { ok: boolean | null; latencyMs: number | null }[];
  /** The same caller called in the 7 days before. */
  calledBefore: boolean;
  /** The same caller called again with the same intent in the 7 days after. */
  calledAgain: boolean;
  /** The clinic reached the caller in the 24 hours after. */
  calledBack: boolean;
}

/**
 * What analytics is told of a call: the columns of `fact_voice_call` but ids, sign and block. No PHI. Measures are
 * integers, so that a sum with the statement taken back is exactly what it was; distributions are histogram buckets.
 * @param zone the clinic's IANA zone, whose days count
 */
export function stateVoiceCall(call: VoiceCallRecord, zone: string): Statement<typeof voiceCallFact> {
  const inbound = call.direction === 'inbound';
  const connected = (call.callerTurns ?? 0) > 0 && !unreached.has(call.status ?? '');
  const over = call.status !== null && !unfinished.has(call.status);
  const transferred = call.transferred || call.endReason === 'transferred' || call.outcome === 'transferred';
  const booked = call.outcome === 'booked';
  const bookingIntent = isBookingIntent(call.intent);
  const callerKnown = inbound && call.caller !== null;
  const durationMs = connected ? durationOf(call) : null;
  const tools = call.toolCalls;
  const callbackRequested = call.outcome === 'callback_requested';
  return {
    ...localTimeColumns(call.beganAt, zone),
    statement_version: voiceCallStatementVersion,
    direction: call.direction,
    status: call.status ?? '',
    intent: call.intent ?? '',
    outcome: call.outcome ?? '',
    end_reason: call.endReason ?? '',
    sentiment: call.sentiment ?? '',
    language: call.language ?? '',
    agent_id: identifier(call.agentId),
    cost_currency: call.costMinor === null ? '' : currency(call.costCurrency),
    patient_id: call.patientId ?? noId,
    caller: call.caller ?? noId,
    connected: flag(connected),
    abandoned: flag(inbound && over && call.status !== 'voicemail' && isUnheard(call)),
    contained: flag(
      connected && over && !transferred && call.endReason !== 'error' && call.status !== 'failed',
    ),
    transferred: flag(connected && transferred),
    booking_intent: flag(bookingIntent),
    booked: flag(bookingIntent && booked),
    booked_any: flag(booked),
    resolved: flag(connected && resolving.has(call.outcome ?? '')),
    identified: flag(connected && call.patientId !== null),
    callback_requested: flag(callbackRequested),
    callback_fulfilled: flag(callbackRequested && call.calledBack),
    caller_known: flag(callerKnown),
    repeat_call: flag(callerKnown && call.calledBefore),
    fcr_base: flag(callerKnown && connected),
    fcr: flag(callerKnown && connected && !call.calledAgain),
    sentiment_known: flag(call.sentiment !== null),
    sentiment_positive: flag(call.sentiment === 'positive'),
    sentiment_negative: flag(call.sentiment === 'negative'),
    talk_ms: durationMs ?? 0,
    talk_n: flag(durationMs !== null),
    audio_quality_micro: micro(call.audioScore),
    audio_quality_n: flag(call.audioScore !== null),
    transcription_confidence_micro: micro(call.transcriptionConfidence),
    transcription_confidence_n: flag(call.transcriptionConfidence !== null),
    interruptions: call.interruptions ?? 0,
    interruptions_n: flag(call.interruptions !== null),
    silence_ms: durationMs === null ? 0 : thousandths(call.silenceSeconds),
    silence_base_ms: call.silenceSeconds === null ? 0 : (durationMs ?? 0),
    tool_calls: tools.length,
    tool_known: tools.filter((tool) => tool.ok !== null).length,
    tool_ok: tools.filter((tool) => tool.ok === true).length,
    extraction_n: flag(call.extraction !== null),
    extraction_complete: flag(call.extraction !== null && call.extraction.filled >= call.extraction.required),
    extraction_confidence_micro: micro(call.extraction?.confidence ?? null),
    extraction_confidence_n: flag((call.extraction?.confidence ?? null) !== null),
    cost_micro: micro(call.costMinor),
    duration_ms_hist: histogram(durationMs),
    latency_p50_ms_hist: histogram(call.latencyMsP50),
    latency_p95_ms_hist: histogram(call.latencyMsP95),
    tool_latency_ms_hist: tools.flatMap((tool) => histogram(tool.latencyMs)),
    analysis_delay_ms_hist: histogram(delayOf(call)),
  };
}

/** Nobody spoke with the clinic, whatever a machine said. */
const unreached = new Set(['no_answer', 'busy', 'voicemail']);
const unanswered = new Set(['no_answer', 'busy']);
const unfinished = new Set(['ringing', 'in_progress']);
const resolving = new Set(['booked', 'rescheduled', 'cancelled', 'answered']);

/**
 * Known to have ended before the caller said a word. A call without a transcript is not, if it was answered, unless the
 * vendor says so.
 */
function isUnheard(call: VoiceCallRecord): boolean {
  if (call.callerTurns !== null) return call.callerTurns === 0;
  if (call.outcome === 'abandoned') return true;
  const seconds = call.durationSeconds;
  if (unanswered.has(call.status ?? '') || seconds === 0) return true;
  return call.status === 'failed' && seconds === null && call.answeredAt === null;
}

function durationOf(call: VoiceCallRecord): number | null {
  if (call.durationSeconds !== null) return thousandths(call.durationSeconds);
  if (call.answeredAt === null || call.endedAt === null) return null;
  return Math.max(0, call.endedAt - call.answeredAt);
}

function delayOf(call: VoiceCallRecord): number | null {
  return call.analyzedAt === null || call.endedAt === null
    ? null
    : Math.max(0, call.analyzedAt - call.endedAt);
}

function thousandths(value: number | null): number {
  return Math.round((value ?? 0) * 1_000);
}
