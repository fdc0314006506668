import type { VoiceCallRecord } from '@switchboard/domain/facts/voice-call';
import { isTest } from '../facts/counted.ts';
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
 * Calls whose facts a change of these positions may touch, themselves left out: those whose answer to "called before",
 * "called again" or "called back" no call gives that stood still. Of the calls beside a position only the nearest of the
 * same number can be such a one for the first two (a caller's call changes these), so that a busy number costs no more
 * than a quiet one; the clinic's call changes the third.
 * @param positions all that a transaction changed, as they are and as they were: a call that is named counts as moved
 */
export async function findNeighbours(
  client: Queryable,
  tenantId: string,
  positions: readonly CallPosition[],
): Promise<string[]> {
  if (positions.length === 0) return [];
  const moved = [...new Set(positions.map(({ callId }) => callId))];
  const { rows } = await client.query<{ id: string }>(neighboursSql, [
    tenantId,
    JSON.stringify(positions),
    moved,
  ]);
  return rows.map((row) => row.id);
}

/** A call's record for its fact, with the number that its pseudonym is made of. */
export interface FactRecord {
  id: string;
  phone: string | null;
  /** Of a patient made to try the system out; never counted. */
  isTest: boolean;
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
    isTest: row.is_test,
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
  is_test: boolean;
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

/** A call of the clinic's in which somebody spoke. */
const reached = `o.direction = 'outbound' AND o.caller_turns > 0
    AND coalesce(o.status, '') NOT IN ('no_answer', 'busy', 'voicemail')`;

/**
 * Which calls `o` of the same number answer a question about a call `c`. `IS TRUE` keeps the planner from an index of
 * intents or outcomes, where it would go through all clinic's calls: whoever called is always the shorter way.
 */
const answers = {
  calledBefore: `o.direction = 'inbound'
    AND (o.began_at, o.id) < (c.began_at, c.id) AND o.began_at >= c.began_at - interval '168 hours'`,
  calledAgain: `o.direction = 'inbound' AND (o.intent = c.intent) IS TRUE
    AND (o.began_at, o.id) > (c.began_at, c.id) AND o.began_at <= c.began_at + interval '168 hours'`,
  calledBack: `${reached} AND o.began_at > c.began_at AND o.began_at <= c.began_at + interval '24 hours'`,
};

const given = (answer: keyof typeof answers, but = '') => `EXISTS (
    SELECT FROM voice_calls o
    WHERE o.tenant_id = $1 AND o.contact_phone = c.contact_phone AND ${answers[answer]}${but})`;

// NOT would make a join of it, in which row-level security keeps computed bounds from the index.
const unlessGiven = (answer: keyof typeof answers) =>
  `c.id <> ALL ($3::uuid[]) AND ${given(answer, ' AND o.id <> ALL ($3::uuid[])')} IS NOT TRUE`;

const neighboursSql = `
SELECT DISTINCT n.id
FROM json_to_recordset($2::json) AS p ("callId" uuid, phone text, "beganAt" timestamptz, direction text, intent text)
CROSS JOIN LATERAL (
  (SELECT c.id FROM (
     SELECT id, contact_phone, began_at FROM voice_calls
     WHERE p.direction = 'inbound' AND tenant_id = $1 AND contact_phone = p.phone AND direction = 'inbound'
       AND (began_at, id) > (p."beganAt", p."callId") AND began_at <= p."beganAt" + interval '168 hours'
     ORDER BY began_at, id LIMIT 1) c
   WHERE ${unlessGiven('calledBefore')})
  UNION ALL
  (SELECT c.id FROM (
     SELECT id, contact_phone, began_at, intent FROM voice_calls
     WHERE p.direction = 'inbound' AND tenant_id = $1 AND contact_phone = p.phone AND direction = 'inbound'
       AND (intent = p.intent) IS TRUE
       AND (began_at, id) < (p."beganAt", p."callId") AND began_at >= p."beganAt" - interval '168 hours'
     ORDER BY began_at DESC, id DESC LIMIT 1) c
   WHERE ${unlessGiven('calledAgain')})
  UNION ALL
  (SELECT c.id FROM voice_calls c
   WHERE p.direction = 'outbound' AND c.tenant_id = $1 AND c.contact_phone = p.phone
     AND (c.outcome = 'callback_requested') IS TRUE
     AND c.began_at < p."beganAt" AND c.began_at >= p."beganAt" - interval '24 hours' AND ${unlessGiven('calledBack')}
     -- Those before the clinic's last call that reached somebody were called back by that one.
     AND c.began_at >= coalesce((
       SELECT o.began_at FROM voice_calls o
       WHERE o.tenant_id = $1 AND o.contact_phone = p.phone AND ${reached} AND o.id <> ALL ($3::uuid[])
         AND o.began_at < p."beganAt" AND o.began_at >= p."beganAt" - interval '24 hours'
       ORDER BY o.began_at DESC LIMIT 1), '-infinity'))
) n`;

const factSql = `
SELECT c.id, c.contact_phone, ${isTest('c')} AS is_test, c.direction, c.status, c.outcome, c.intent, c.end_reason, c.sentiment, c.language, c.agent_id,
  c.began_at, c.answered_at, c.ended_at, c.duration_seconds, c.caller_turns, c.transferred_to IS NOT NULL AS transferred,
  c.patient_id, c.audio_score, c.transcription_confidence, c.latency_ms_p50, c.latency_ms_p95, c.interruptions,
  c.silence_seconds, c.cost_minor, c.cost_currency, e.required_fields, e.filled_fields,
  e.intent_confidence AS extracted_confidence, c.analyzed_at, t.tool_calls,
  c.direction = 'inbound' AND ${given('calledBefore')} AS called_before,
  c.direction = 'inbound' AND ${given('calledAgain')} AS called_again,
  (c.outcome = 'callback_requested' AND ${given('calledBack')}) IS TRUE AS called_back
FROM voice_calls c
LEFT JOIN voice_call_extractions e ON e.tenant_id = $1 AND e.call_id = c.id
CROSS JOIN LATERAL (
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'ok', v.ok, 'latency_ms', CASE WHEN v.responded_at >= v.requested_at
      THEN extract(epoch FROM v.responded_at - v.requested_at) * 1000 END) ORDER BY v.position), '[]') AS tool_calls
  FROM voice_tool_calls v WHERE v.tenant_id = $1 AND v.call_id = c.id
) t
WHERE c.tenant_id = $1 AND c.id = ANY ($2::uuid[])`;
