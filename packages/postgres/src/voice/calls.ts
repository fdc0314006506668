import type { CallPart } from '../erasure/clear-calls.ts';
import type { Queryable } from '../pool.ts';
import { createUpsert } from '../rows.ts';

/** A row of `voice_calls` as the sink reads it back; times are Dates. */
export interface VoiceCallRow {
  id: string;
  source: string;
  external_id: string;
  direction: string;
  status: string | null;
  from_number: string | null;
  to_number: string | null;
  contact_phone: string | null;
  contact_name: string | null;
  contact_date_of_birth: string | null;
  started_at: Date | null;
  answered_at: Date | null;
  ended_at: Date | null;
  duration_seconds: number | null;
  end_reason: string | null;
  language: string | null;
  agent_id: string | null;
  agent_name: string | null;
  agent_version: string | null;
  transferred_to: string | null;
  cost_minor: number | null;
  cost_currency: string | null;
  outcome: string | null;
  summary: string | null;
  audio_score: number | null;
  transcription_confidence: number | null;
  latency_ms_p50: number | null;
  latency_ms_p95: number | null;
  interruptions: number | null;
  silence_seconds: number | null;
  transcript_language: string | null;
  transcript_engine: string | null;
  /** Null: there is no transcript. */
  caller_turns: number | null;
  intent: string | null;
  intent_confidence: number | null;
  sentiment: string | null;
  sentiment_score: number | null;
  analyzed_at: Date | null;
  patient_id: string | null;
  /** The patient before merges. */
  original_patient_id: string | null;
  conversation_id: string | null;
  vendor_extraction: { intent: string | null; confidence: number | null; entities: string | null } | null;
  /** JSON text: what is parsed may lose digits. */
  metadata: string | null;
  /** JSON text of an object. */
  extra: string | null;
  merge_state: unknown;
  began_at: Date;
}

/** A stored call with what its extraction said, which a later event may have to be weighed against. */
export interface StoredCall extends VoiceCallRow {
  extracted_intent: string | null;
  extracted_intent_confidence: number | null;
  /** What no later event fills again. */
  emptied: CallPart[];
}

const callColumns = [
  'source',
  'external_id',
  'direction',
  'status',
  'from_number',
  'to_number',
  'contact_phone',
  'contact_name',
  'contact_date_of_birth',
  'started_at',
  'answered_at',
  'ended_at',
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
  'transcript_language',
  'transcript_engine',
  'caller_turns',
  'intent',
  'intent_confidence',
  'sentiment',
  'sentiment_score',
  'analyzed_at',
  'patient_id',
  'original_patient_id',
  'conversation_id',
  'vendor_extraction',
  'metadata',
  'extra',
  'merge_state',
  'began_at',
];

/** What may lose digits when it is parsed is read as text. */
const asText = new Set(['metadata', 'extra']);

const loadSql = `
SELECT c.id, c.emptied, ${callColumns.map((name) => (asText.has(name) ? `c.${name}::text` : `c.${name}`)).join(', ')},
  e.intent AS extracted_intent, e.intent_confidence AS extracted_intent_confidence
FROM unnest($2::text[], $3::text[]) AS k (source, external_id)
CROSS JOIN LATERAL (
  -- One at most; the limit makes each a look into the index, however few calls there were when this was planned.
  SELECT * FROM voice_calls v WHERE v.tenant_id = $1 AND v.source = k.source AND v.external_id = k.external_id LIMIT 1
) c
LEFT JOIN voice_call_extractions e ON e.tenant_id = $1 AND e.call_id = c.id`;

/** Calls that exist among those named. */
export async function loadCalls(
  client: Queryable,
  tenantId: string,
  keys: readonly { source: string; externalId: string }[],
): Promise<StoredCall[]> {
  const { rows } = await client.query<StoredCall>(loadSql, [
    tenantId,
    keys.map((key) => key.source),
    keys.map((key) => key.externalId),
  ]);
  return rows;
}

/** Writes whole calls by id. */
export const upsertCalls = createUpsert('voice_calls', ['tenant_id', 'id'], callColumns);

const conversationColumns = [
  'channel',
  'patient_id',
  'original_patient_id',
  'contact_phone',
  'last_inbound_at',
  'began_at',
];

export const upsertConversations = createUpsert(
  'conversations',
  ['tenant_id', 'id'],
  ['state', ...conversationColumns],
);

/** Of conversations that are there already: whatever state they are in stays. */
export const upsertConversationsButState = createUpsert(
  'conversations',
  ['tenant_id', 'id'],
  conversationColumns,
);
