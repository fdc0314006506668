import type { Queryable } from '../pool.ts';

export interface CallDetailRow {
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
  began_at: Date;
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
  intent: string | null;
  intent_confidence: number | null;
  sentiment: string | null;
  sentiment_score: number | null;
  analyzed_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

export interface TurnRow {
  turn_index: number;
  speaker: string;
  text: string;
  start_ms: number | null;
  end_ms: number | null;
  confidence: number | null;
}

export interface RecordingRow {
  state: 'pending' | 'stored' | 'failed' | 'expired';
  /** Why it was not fetched. */
  failure: string | null;
  /** As it is, once it is stored; the rest is what the vendor told until then. */
  content_type: string | null;
  /** Whether peaks are made; null: none are made of it. */
  waveform: 'pending' | 'done' | 'failed' | null;
  format: string | null;
  duration_seconds: number | null;
  size_bytes: number | null;
  sha256: string | null;
  channels: number | null;
  /** RFC 3339. */
  expires_at: string | null;
}

/** Where an entity was said: characters `start` to `end` (UTF-16) of a turn. */
export interface EntityRow {
  name: string;
  value: string;
  normalised: string | null;
  turn: number;
  start: number;
  end: number;
  confidence: number;
}

export interface RedactionRow {
  turn: number;
  start: number;
  end: number;
  kind: string;
}

export interface ExtractionRow {
  extractor_version: string;
  intent: string | null;
  intent_confidence: number | null;
  sentiment: string | null;
  sentiment_score: number | null;
  required_fields: number;
  filled_fields: number;
  entities: EntityRow[];
  redactions: RedactionRow[];
}

export interface ToolCallRow {
  position: number;
  vendor_id: string | null;
  name: string;
  requested_at: Date | null;
  responded_at: Date | null;
  ok: boolean | null;
}

export interface CallDetail {
  call: CallDetailRow;
  turns: TurnRow[];
  recording: RecordingRow | null;
  extraction: ExtractionRow | null;
  toolCalls: ToolCallRow[];
  patient: { id: string; first_name: string | null; last_name: string | null } | null;
  conversation: { id: string; channel: string; state: string } | null;
  match: { decision: string; score: number | null; automatic: boolean } | null;
  /** What was booked in the call, else what it moved, cancelled or asked for; what stands before what is cancelled. */
  appointment: { id: string; status: string; start: string } | null;
}

/** All that is kept of one call of the open transaction's tenant; undefined for another's or none. */
export async function readCall(
  db: Queryable,
  tenantId: string,
  callId: string,
): Promise<CallDetail | undefined> {
  const { rows } = await db.query<Omit<CallDetail, 'call' | 'turns' | 'toolCalls'> & CallDetailRow>(callSql, [
    tenantId,
    callId,
  ]);
  const [row] = rows;
  if (!row) return undefined;
  const { recording, extraction, patient, conversation, match, appointment, ...call } = row;
  const turns = await db.query<TurnRow>(
    `SELECT turn_index, speaker, text, start_ms, end_ms, confidence FROM voice_call_transcripts
     WHERE tenant_id = $1 AND call_id = $2 ORDER BY turn_index`,
    [tenantId, callId],
  );
  const toolCalls = await db.query<ToolCallRow>(
    `SELECT position, vendor_id, name, requested_at, responded_at, ok FROM voice_tool_calls
     WHERE tenant_id = $1 AND call_id = $2 ORDER BY position`,
    [tenantId, callId],
  );
  return {
    call,
    turns: turns.rows,
    recording,
    extraction,
    toolCalls: toolCalls.rows,
    patient,
    conversation,
    match,
    appointment,
  };
}

const callSql = `
SELECT c.id, c.source, c.external_id, c.direction, c.status, c.from_number, c.to_number, c.contact_phone, c.contact_name,
  c.contact_date_of_birth, c.began_at, c.started_at, c.answered_at, c.ended_at, c.duration_seconds, c.end_reason,
  c.language, c.agent_id, c.agent_name, c.agent_version, c.transferred_to, c.cost_minor, c.cost_currency, c.outcome,
  c.summary, c.audio_score, c.transcription_confidence, c.latency_ms_p50, c.latency_ms_p95, c.interruptions,
  c.silence_seconds, c.transcript_language, c.transcript_engine, c.intent, c.intent_confidence, c.sentiment,
  c.sentiment_score, c.analyzed_at, c.created_at, c.updated_at,
  (SELECT jsonb_build_object('state', r.state, 'failure', r.failure, 'content_type', f.content_type, 'waveform', f.reading,
     'format', r.format, 'duration_seconds', coalesce(f.duration_ms / 1000.0, r.duration_seconds),
     'size_bytes', coalesce(f.size_bytes, r.size_bytes), 'sha256', coalesce(f.sha256, r.sha256),
     'channels', r.channels, 'expires_at', r.expires_at)
   FROM voice_call_recordings r LEFT JOIN stored_files f ON f.tenant_id = r.tenant_id AND f.id = r.file_id
   WHERE r.tenant_id = c.tenant_id AND r.call_id = c.id) AS recording,
  (SELECT to_jsonb(x) - ARRAY['tenant_id', 'call_id', 'event_id', 'created_at', 'updated_at']
   FROM voice_call_extractions x WHERE x.tenant_id = c.tenant_id AND x.call_id = c.id) AS extraction,
  (SELECT jsonb_build_object('id', p.id, 'first_name', p.first_name, 'last_name', p.last_name)
   FROM patients p WHERE p.tenant_id = c.tenant_id AND p.id = c.patient_id) AS patient,
  (SELECT jsonb_build_object('id', v.id, 'channel', v.channel, 'state', v.state)
   FROM conversations v WHERE v.tenant_id = c.tenant_id AND v.id = c.conversation_id) AS conversation,
  (SELECT jsonb_build_object('decision', m.decision, 'score', m.score, 'automatic', m.decided_by IS NULL)
   FROM match_decisions m WHERE m.tenant_id = c.tenant_id AND m.entity_kind = 'voice_call' AND m.entity_id = c.id) AS match,
  (SELECT jsonb_build_object('id', a.id, 'status', a.status, 'start', a.starts_at)
   FROM (
     SELECT b.id FROM appointments b WHERE b.tenant_id = c.tenant_id AND b.call_id = c.id
     UNION SELECT u.appointment_id FROM voice_tool_uses u
     WHERE u.tenant_id = c.tenant_id AND u.call_ref = c.external_id AND u.ok AND u.appointment_id IS NOT NULL
     UNION SELECT q.appointment_id FROM booking_requests q WHERE q.tenant_id = c.tenant_id AND q.call_id = c.id) n
   JOIN appointments a ON a.tenant_id = c.tenant_id AND a.id = n.id
   WHERE a.status <> 'held' AND NOT a.placeholder AND NOT a.entered_in_error
   ORDER BY a.status = 'cancelled', a.call_id IS DISTINCT FROM c.id, a.created_at DESC, a.id LIMIT 1) AS appointment
FROM voice_calls c
WHERE c.tenant_id = $1 AND c.id = $2`;
