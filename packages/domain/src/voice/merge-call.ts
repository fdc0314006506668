import type {
  Analysis,
  Recording,
  ToolCall,
  Transcript,
  VoiceCallEnriched,
  VoiceCallReceived,
} from '@switchboard/schemas';
import { parseExactJson } from '../exact-json.ts';
import { rankOf, statusOf } from './call-status.ts';
import { callTimes, startOf } from './call-times.ts';

/**
 * Where a field's value comes from: rank of the event's type, its time (Unix ms, null sorts lowest), its id, and the
 * extractor's version. Of two values of one field the one with the greater stamp holds, so that the events of a call
 * end in the same state whatever their order and repetition. Ranks below 1 are of what only follows from an event.
 */
export type Stamp = readonly [rank: number, time: number | null, eventId: string, version: string];

/** A call as its events so far say it. Only what was said is there. */
export interface CallFields {
  direction: string;
  status?: string;
  from_number?: string;
  to_number?: string;
  contact_phone?: string;
  contact_name?: string;
  contact_date_of_birth?: string;
  started_at?: number;
  answered_at?: number;
  ended_at?: number;
  duration_seconds?: number;
  end_reason?: string;
  language?: string;
  agent_id?: string;
  agent_name?: string;
  agent_version?: string;
  transferred_to?: string;
  cost_minor?: number;
  cost_currency?: string;
  outcome?: string;
  summary?: string;
  audio_score?: number;
  transcription_confidence?: number;
  latency_ms_p50?: number;
  latency_ms_p95?: number;
  interruptions?: number;
  silence_seconds?: number;
  /** JSON text, numbers as the vendor wrote them. */
  metadata?: string;
  vendor_extraction?: { intent: string | null; confidence: number | null; entities: string | null };
  transcript?: SpokenCall;
  recording?: Recording;
  tool_calls?: ToolCall[];
}

/** A transcript with what was extracted from it: they change together. */
export interface SpokenCall {
  transcript: Transcript;
  analysis: Analysis | null;
  extractorVersion: string;
  /** Id of the enriched event. */
  eventId: string;
  /** Unix ms when the event was received. */
  receivedAt: number;
  /** When the call began by the transcript's event alone, Unix ms: what "tomorrow" was counted from. */
  countedFrom: number;
}

export type CallField = keyof CallFields;

/** What is remembered of a call besides its values. */
export interface MergeState {
  /** The earliest time any event names, Unix ms: when the call began, as long as none says it. */
  first: number;
  stamps: Partial<Record<CallField, Stamp>>;
  /** Stamp of each field that our schema does not know, by JSON Pointer. */
  extra: Record<string, Stamp>;
  /** Ids of patients that the enrichment of any event proposed, in order; not there: none. */
  candidates?: string[];
}

export interface MergedCall {
  fields: CallFields;
  /** Members as {@link parseExactJson} gives them: only to be written again. */
  extra: Record<string, unknown>;
  state: MergeState;
  /** Fields that the events merged since loading have set. */
  changed: ReadonlySet<CallField | 'extra'>;
}

/** Merges one event into a call; `call` undefined: its first. Neither argument is changed. */
export function mergeCallEvent(call: MergedCall | undefined, enriched: VoiceCallEnriched): MergedCall {
  const { event } = enriched;
  const stamp: Stamp = [rankOf(event), event.occurred_at, event.event_id, enriched.extractor_version];
  const first = Math.min(call?.state.first ?? Number.POSITIVE_INFINITY, ...callTimes(event));
  const state: MergeState = { first, stamps: { ...call?.state.stamps }, extra: { ...call?.state.extra } };
  const candidates = new Set(call?.state.candidates);
  for (const { patient_id } of enriched.candidates) candidates.add(patient_id);
  if (candidates.size > 0) state.candidates = [...candidates].sort();
  const changed = new Set(call?.changed);
  const said = fieldsOf(enriched);

  const [, ...unranked] = stamp;
  const statusStamp: Stamp = [statusOf(event)?.rank ?? 0, ...unranked];
  const stampOf = (name: CallField) => (name === 'status' ? statusStamp : stamp);

  const heldStamp = (name: CallField) => state.stamps[name === 'cost_currency' ? 'cost_minor' : name];
  const entries = fieldNames(said).filter((name) => isLater(stampOf(name), heldStamp(name)));
  for (const name of entries) {
    state.stamps[name] = stampOf(name);
    changed.add(name);
  }
  const held = { ...(call?.fields ?? { direction: said.direction }) };
  // An amount is of the currency it was told in, or of none.
  if (entries.includes('cost_minor')) delete held.cost_currency;
  const fields: CallFields = { ...held, ...pick(said, entries) };
  return { fields, state, changed, extra: mergeExtra(call?.extra ?? {}, event.extra, stamp, state, changed) };
}

/** Negative, zero or positive as `left` is below, equal to or above `right`. */
function compareStamps(left: Stamp, right: Stamp): number {
  return (
    left[0] - right[0] ||
    (left[1] ?? Number.NEGATIVE_INFINITY) - (right[1] ?? Number.NEGATIVE_INFINITY) ||
    compareText(left[2], right[2]) ||
    left[3].localeCompare(right[3], 'en', { numeric: true }) ||
    0
  );
}

function isLater(stamp: Stamp, held: Stamp | undefined): boolean {
  return held === undefined || compareStamps(stamp, held) > 0;
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function fieldsOf(enriched: VoiceCallEnriched): CallFields {
  const { event } = enriched;
  const { call, quality } = event;
  const { contact_phone: contact, clinic_phone: clinic } = enriched;
  const [from, to] = call.direction === 'outbound' ? [clinic, contact] : [contact, clinic];
  return withoutNulls({
    direction: call.direction,
    status: statusOf(event)?.value,
    // E.164 where it is a number; what is none stays as it was written.
    from_number: from ?? call.from_number,
    to_number: to ?? call.to_number,
    contact_phone: enriched.contact_phone,
    contact_name: enriched.contact_name,
    contact_date_of_birth: enriched.contact_date_of_birth,
    started_at: call.started_at,
    answered_at: call.answered_at,
    ended_at: call.ended_at,
    duration_seconds: call.duration_seconds,
    end_reason: call.end_reason,
    language: enriched.language,
    agent_id: call.agent_id,
    agent_name: call.agent_name,
    agent_version: call.agent_version,
    transferred_to: call.transferred_to,
    cost_minor: call.cost_minor,
    cost_currency: call.cost_minor === null ? null : call.cost_currency,
    outcome: event.outcome,
    summary: event.summary,
    audio_score: quality?.audio_score,
    transcription_confidence: quality?.transcription_confidence,
    latency_ms_p50: quality?.latency_ms_p50,
    latency_ms_p95: quality?.latency_ms_p95,
    interruptions: quality?.interruptions,
    silence_seconds: quality?.silence_seconds,
    metadata: isEmptyObject(event.metadata) ? null : event.metadata,
    vendor_extraction: isEmpty(event.vendor_extraction) ? null : event.vendor_extraction,
    transcript: spokenIn(enriched),
    recording: event.recording,
    tool_calls: event.tool_calls?.length ? event.tool_calls : null,
  });
}

function spokenIn({ event, event_id, analysis, extractor_version }: VoiceCallEnriched): SpokenCall | null {
  const { transcript, received_at } = event;
  if (!transcript?.turns.length) return null;
  return {
    transcript,
    analysis,
    extractorVersion: extractor_version,
    eventId: event_id,
    receivedAt: received_at,
    countedFrom: startOf(event),
  };
}

function isEmpty(extraction: VoiceCallReceived['vendor_extraction']): boolean {
  return extraction !== null && extraction.intent === null && isEmptyObject(extraction.entities);
}

function isEmptyObject(json: string | null): boolean {
  return json === null || json === '{}';
}

function mergeExtra(
  held: Record<string, unknown>,
  json: string | null,
  stamp: Stamp,
  state: MergeState,
  changed: Set<CallField | 'extra'>,
): Record<string, unknown> {
  if (json === null) return held;
  const said = Object(parseExactJson(json));
  const later = Object.entries<unknown>(said).filter(([pointer]) => isLater(stamp, state.extra[pointer]));
  if (later.length === 0) return held;
  for (const [pointer] of later) state.extra[pointer] = stamp;
  changed.add('extra');
  return { ...held, ...Object.fromEntries(later) };
}

type Nullable<T> = { [K in keyof T]: T[K] | null | undefined };

function withoutNulls(fields: Nullable<CallFields> & { direction: string }): CallFields {
  const kept = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.assign({ direction: fields.direction }, Object.fromEntries(kept));
}

function fieldNames(fields: CallFields): CallField[] {
  // Object.keys of a value built here from literal names holds those names alone.
  return Object.keys(fields) as CallField[];
}

function pick(fields: CallFields, names: readonly CallField[]): Partial<CallFields> {
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}
