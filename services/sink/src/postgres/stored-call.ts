import { parseExactJson } from '@switchboard/domain/exact-json';
import { isIntent, toIntent } from '@switchboard/domain/intents';
import type { CallFields, MergedCall, MergeState } from '@switchboard/domain/voice/merge-call';
import type { Row } from '@switchboard/postgres/rows';
import type { StoredCall } from '@switchboard/postgres/voice/calls';

/** A row of `voice_calls` without its links. */
export type CallRow = Row & { began_at: Date; intent: string | null; caller_turns: number | null };

/** Columns that hold a merged field under its own name. */
const plainFields = [
  'direction',
  'status',
  'from_number',
  'to_number',
  'contact_phone',
  'contact_name',
  'contact_date_of_birth',
  'duration_seconds',
  'end_reason',
  'language',
  'agent_id',
  'agent_name',
  'agent_version',
  'transferred_to',
  'cost_minor',
  'cost_currency',
  'outcome',
  'summary',
  'audio_score',
  'transcription_confidence',
  'latency_ms_p50',
  'latency_ms_p95',
  'interruptions',
  'silence_seconds',
  'vendor_extraction',
] as const;
const timeFields = ['started_at', 'answered_at', 'ended_at'] as const;

/** A stored call as the merge left it. Transcript, recording and tool calls are rows of their own and not read back: their stamps are enough. */
export function restoreCall(stored: StoredCall): MergedCall {
  const plain = plainFields.map((name) => [name, stored[name]] as const);
  const times = timeFields.map((name) => [name, stored[name]?.getTime() ?? null] as const);
  const said = [...plain, ...times, ['metadata', stored.metadata] as const].filter(
    ([, value]) => value !== null,
  );
  const fields: CallFields = Object.assign({ direction: stored.direction }, Object.fromEntries(said));
  const extra = Object(parseExactJson(stored.extra ?? '{}'));
  return { fields, extra, state: restoreState(stored), changed: new Set() };
}

/** The row of a call but for its links: what the events say, and what follows from it. */
export function renderCall(merged: MergedCall, stored: StoredCall | undefined): CallRow {
  const { fields, state } = merged;
  const spoken = fields.transcript;
  return {
    ...Object.fromEntries(plainFields.map((name) => [name, fields[name] ?? null])),
    ...Object.fromEntries(timeFields.map((name) => [name, toDate(fields[name])])),
    metadata: fields.metadata === undefined ? null : parseExactJson(fields.metadata),
    extra: Object.keys(merged.extra).length > 0 ? merged.extra : null,
    merge_state: state,
    began_at: new Date(fields.started_at ?? state.first),
    ...(spoken
      ? {
          transcript_language: spoken.transcript.language,
          transcript_engine: spoken.transcript.engine,
          caller_turns: spoken.transcript.turns.filter((turn) => turn.speaker === 'caller').length,
          sentiment: spoken.analysis?.sentiment ?? null,
          sentiment_score: spoken.analysis?.sentiment_score ?? null,
          analyzed_at: spoken.analysis ? new Date(spoken.receivedAt) : null,
        }
      : {
          transcript_language: stored?.transcript_language ?? null,
          transcript_engine: stored?.transcript_engine ?? null,
          caller_turns: stored?.caller_turns ?? null,
          sentiment: stored?.sentiment ?? null,
          sentiment_score: stored?.sentiment_score ?? null,
          analyzed_at: stored?.analyzed_at ?? null,
        }),
    ...chooseIntent(fields, stored),
  };
}

/** Of the vendor's intent and ours the surer one; the vendor's when they are equally sure or ours knows none. */
function chooseIntent(
  fields: CallFields,
  stored: StoredCall | undefined,
): { intent: string | null; intent_confidence: number | null } {
  const { vendor_extraction: vendor, transcript: spoken } = fields;
  const own = spoken
    ? { intent: spoken.analysis?.intent ?? null, confidence: spoken.analysis?.intent_confidence ?? null }
    : { intent: stored?.extracted_intent ?? null, confidence: stored?.extracted_intent_confidence ?? null };
  const theirs = toIntent(vendor?.intent);
  const ownSurer =
    own.intent !== null && own.intent !== 'other' && (own.confidence ?? 0) > (vendor?.confidence ?? 0);
  if (theirs === null || theirs === 'other' || ownSurer) {
    const intent = own.intent ?? theirs;
    return {
      intent: intent !== null && isIntent(intent) ? intent : null,
      intent_confidence: own.confidence ?? vendor?.confidence ?? null,
    };
  }
  return { intent: theirs, intent_confidence: vendor?.confidence ?? null };
}

export function toDate(ms: number | null | undefined): Date | null {
  return ms === undefined || ms === null ? null : new Date(ms);
}

/** The column is written by {@link renderCall} alone. */
export function restoreState({ merge_state }: StoredCall): MergeState {
  return merge_state as MergeState;
}
