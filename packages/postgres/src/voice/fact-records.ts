import type { VoiceCallRecord } from '@switchboard/domain/facts/voice-call';
import type { Queryable } from '../pool.ts';

/** Where a call stands among its caller's calls, before or after a change. */
export interface CallPosition {
  callId: string;
  phone: string;
  beganAt: Date;
  direction: string;
  intent: string | null;
}

/**
 * Calls whose facts a change of these positions may touch, themselves left out: only the nearest call of the same
 * number can change its answer to "called before", "called again" or "called back", so that a busy number costs no more
 * than a quiet one. A caller's call changes the first two, the clinic's the third.
 */
export async function findNeighbours(
  client: Queryable,
  tenantId: string,
  positions: readonly CallPosition[],
): Promise<string[]> {
  if (positions.length === 0) return [];
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT n.id
     FROM jsonb_to_recordset($2::jsonb) AS p ("callId" uuid, phone text, "beganAt" timestamptz, direction text, intent text)
     CROSS JOIN LATERAL (
       (SELECT c.id FROM voice_calls c
        WHERE p.direction = 'inbound' AND c.tenant_id = $1 AND c.contact_phone = p.phone AND c.direction = 'inbound'
          AND (c.began_at, c.id) > (p."beganAt", p."callId") AND c.began_at <= p."beganAt" + interval '168 hours'
        ORDER BY c.began_at, c.id LIMIT 1)
       UNION ALL
       (SELECT c.id FROM voice_calls c
        WHERE p.direction = 'inbound' AND c.tenant_id = $1 AND c.contact_phone = p.phone AND c.direction = 'inbound' AND c.intent = p.intent
          AND (c.began_at, c.id) < (p."beganAt", p."callId") AND c.began_at >= p."beganAt" - interval '168 hours'
        ORDER BY c.began_at DESC, c.id DESC LIMIT 1)
       UNION ALL
       (SELECT c.id FROM voice_calls c
        WHERE p.direction = 'outbound' AND c.tenant_id = $1 AND c.contact_phone = p.phone AND c.outcome = 'callback_requested'
          AND c.began_at < p."beganAt" AND c.began_at >= p."beganAt" - interval '24 hours')
     ) n`,
    [tenantId, JSON.stringify(positions)],
  );
  return rows.map((row) => row.id);
}

/** A call's record for its fact, with the number that its pseudonym is made of. */
export interface FactRecord {
  id: string;
  phone: string | null;
  record: Omit<VoiceCallRecord, 'caller'>;
}

/** Reads calls as their facts state them. */
export async function loadFactRecords(
  client: Queryable,
  tenantId: string,
  callIds: readonly string[],
): Promise<FactRecord[]> {
  if (callIds.length === 0) return [];
  const { rows } = await client.query<FactRow>(factSql, [tenantId, callIds]);
  return rows.map((row) => ({
    id: row.id,
    phone: row.contact_phone,
    record: {
      direction: row.direction,
      status: row.status,
      outcome: row.outcome,
      intent: row.intent,
      endReason: row.end_reason,
      sentiment: row.sentiment,
      language: row.language,
      agentId: row.agent_id,
      beganAt: row.began_at.getTime(),
      answeredAt: row.answered_at?.getTime() ?? null,
      endedAt: row.ended_at?.getTime() ?? null,
      durationSeconds: row.duration_seconds,
      callerTurns: row.caller_turns,
      transferred: row.transferred,
      patientId: row.patient_id,
      audioScore: row.audio_score,
      transcriptionConfidence: row.transcription_confidence,
      latencyMsP50: row.latency_ms_p50,
      latencyMsP95: row.latency_ms_p95,
      interruptions: row.interruptions,
      silenceSeconds: row.silence_seconds,
      costMinor: row.cost_minor,
      costCurrency: row.cost_currency,
      extraction:
        row.required_fields === null
          ? null
          : {
              required: row.required_fields,
              filled: row.filled_fields ?? 0,
              confidence: row.extracted_confidence,
            },
      analyzedAt: row.analyzed_at?.getTime() ?? null,
      toolCalls: row.tool_calls.map((tool) => ({ ok: tool.ok, latencyMs: tool.latency_ms })),
      calledBefore: row.called_before,
      calledAgain: row.called_again,
      calledBack: row.called_back,
    },
  }));
}

interface FactRow {
  id: string;
  contact_phone: string | null;
  direction: string;
  status: string | null;
  outcome: string | null;
  intent: string | null;
  end_reason: string | null;
  sentiment: string | null;
  language: string | null;
  agent_id: string | null;
  began_at: Date;
  answered_at: Date | null;
  ended_at: Date | null;
  duration_seconds: number | null;
  caller_turns: number | null;
  transferred: boolean;
  patient_id: string | null;
  audio_score: number | null;
  transcription_confidence: number | null;
  latency_ms_p50: number | null;
  latency_ms_p95: number | null;
  interruptions: number | null;
  silence_seconds: number | null;
  cost_minor: number | null;
  cost_currency: string | null;
  required_fields: number | null;
  filled_fields: number | null;
  extracted_confidence: number | null;
  analyzed_at: Date | null;
  tool_calls: { ok: boolean | null; latency_ms: number | null }[];
  called_before: boolean;
  called_again: boolean;
  called_back: boolean;
}

const factSql = `
SELECT c.id, c.contact_phone, c.direction, c.status, c.outcome, c.intent, c.end_reason, c.sentiment, c.language, c.agent_id,
  c.began_at, c.answered_at, c.ended_at, c.duration_seconds, c.caller_turns, c.transferred_to IS NOT NULL AS transferred,
  c.patient_id, c.audio_score, c.transcription_confidence, c.latency_ms_p50, c.latency_ms_p95, c.interruptions,
  c.silence_seconds, c.cost_minor, c.cost_currency, e.required_fields, e.filled_fields,
  e.intent_confidence AS extracted_confidence, c.analyzed_at, t.tool_calls,
  c.direction = 'inbound' AND EXISTS (
    SELECT FROM voice_calls o
    WHERE o.tenant_id = $1 AND o.contact_phone = c.contact_phone AND o.direction = 'inbound'
      AND (o.began_at, o.id) < (c.began_at, c.id) AND o.began_at >= c.began_at - interval '168 hours') AS called_before,
  c.direction = 'inbound' AND EXISTS (
    SELECT FROM voice_calls o
    WHERE o.tenant_id = $1 AND o.contact_phone = c.contact_phone AND o.direction = 'inbound' AND o.intent = c.intent
      AND (o.began_at, o.id) > (c.began_at, c.id) AND o.began_at <= c.began_at + interval '168 hours') AS called_again,
  c.outcome = 'callback_requested' AND EXISTS (
    SELECT FROM voice_calls o
    WHERE o.tenant_id = $1 AND o.contact_phone = c.contact_phone AND o.direction = 'outbound' AND o.caller_turns > 0
      AND coalesce(o.status, '') NOT IN ('no_answer', 'busy', 'voicemail')
      AND o.began_at > c.began_at AND o.began_at <= c.began_at + interval '24 hours') IS TRUE AS called_back
FROM voice_calls c
LEFT JOIN voice_call_extractions e ON e.tenant_id = $1 AND e.call_id = c.id
CROSS JOIN LATERAL (
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'ok', v.ok, 'latency_ms', CASE WHEN v.responded_at >= v.requested_at
      THEN extract(epoch FROM v.responded_at - v.requested_at) * 1000 END) ORDER BY v.position), '[]') AS tool_calls
  FROM voice_tool_calls v WHERE v.tenant_id = $1 AND v.call_id = c.id
) t
WHERE c.tenant_id = $1 AND c.id = ANY ($2::uuid[])`;
