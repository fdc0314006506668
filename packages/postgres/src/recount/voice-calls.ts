import { voiceCallStatementVersion } from '@switchboard/domain/facts/voice-call';
import type { Queryable } from '../pool.ts';

/** A day on which what was stated of calls is not what their records say. */
export interface RecountDifference {
  /** ISO date; that of the records, or of the statement where no record is left. */
  day: string;
  calls: number;
  /** Columns that differ; `statement` where one is missing, `record` where there is no such call. */
  columns: string[];
}

/** What was found of one tenant's calls. */
export interface Recount {
  compared: number;
  differences: RecountDifference[];
  /** Statements of other rules than today's or in another zone, by version: nothing is said of those. */
  older: { version: number; statements: number }[];
}

/**
 * Counts a tenant's calls again from the records, by the words of each measure's definition, and compares call by call
 * with what is stated in `fact_current`. It shares no code with what states facts, so that a mistake there shows. Of a
 * distribution, each value must lie within the bounds of its bucket, which are computed here from the 1 % that buckets may
 * be off. A caller is a pseudonym under a key that is not asked for: whether one is known, and that one number has one
 * pseudonym and the reverse. The only call of a number could thus carry any pseudonym that no other number has.
 */
export async function recountVoiceCalls(db: Queryable, tenantId: string, zone: string): Promise<Recount> {
  const version = voiceCallStatementVersion;
  // Without statistics the planner takes each part for one row, and goes through all of it for each row of another.
  await db.query(`SELECT set_config('enable_nestloop', 'off', true)`);
  const differences = await db.query<RecountDifference>(differenceSql, [tenantId, zone, version]);
  await db.query(`SELECT set_config('enable_nestloop', 'on', true)`);
  const versions = await db.query<{ version: number; inZone: boolean; statements: number }>(
    `SELECT (statement ->> 'statement_version')::int AS version, zone = $2 AS "inZone", count(*)::int AS statements
     FROM fact_current
     WHERE tenant_id = $1 AND kind = 'voice_call' AND statement IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`,
    [tenantId, zone],
  );
  const [today, older] = [true, false].map((wanted) =>
    versions.rows.filter((row) => (row.version === version && row.inZone) === wanted),
  );
  return {
    compared: today?.[0]?.statements ?? 0,
    differences: differences.rows,
    older: (older ?? []).map(({ version: by, statements }) => ({ version: by, statements })),
  };
}

const differenceSql = `
WITH local_calls AS (
  SELECT v.*, v.began_at - (v.began_at AT TIME ZONE $2 - date_trunc('hour', v.began_at AT TIME ZONE $2)) AS full_hour
  FROM voice_calls v WHERE v.tenant_id = $1
), calls AS (
  SELECT c.*, e.call_id IS NOT NULL AS extracted, e.required_fields, e.filled_fields, e.intent_confidence AS extraction_confidence,
    c.began_at AT TIME ZONE $2 AS local,
    -- Where clocks were changed since the full hour, the hour that they show now began with the change.
    CASE WHEN c.full_hour AT TIME ZONE $2 = date_trunc('hour', c.began_at AT TIME ZONE $2) THEN c.full_hour ELSE (
      SELECT min(m) FROM generate_series(c.full_hour, c.began_at, interval '1 minute') m
      WHERE m AT TIME ZONE $2 - m AT TIME ZONE 'UTC' = c.began_at AT TIME ZONE $2 - c.began_at AT TIME ZONE 'UTC') END AS hour_start,
    coalesce(c.caller_turns, 0) > 0 AND coalesce(c.status NOT IN ('no_answer', 'busy', 'voicemail'), true) AS spoke,
    coalesce(c.status NOT IN ('ringing', 'in_progress'), false) AS over,
    c.transferred_to IS NOT NULL OR coalesce(c.end_reason = 'transferred', false) OR coalesce(c.outcome = 'transferred', false) AS handed_over,
    c.direction = 'inbound' AND c.contact_phone IS NOT NULL AS known,
    coalesce(c.intent = 'book_appointment', false) AS wants_booking,
    CASE WHEN c.direction = 'inbound' AND c.contact_phone IS NOT NULL THEN
      lag(c.began_at) OVER (PARTITION BY c.direction, c.contact_phone ORDER BY c.began_at, c.id) END AS previous,
    CASE WHEN c.direction = 'inbound' AND c.contact_phone IS NOT NULL AND c.intent IS NOT NULL THEN
      lead(c.began_at) OVER (PARTITION BY c.direction, c.contact_phone, c.intent ORDER BY c.began_at, c.id) END AS next_alike
  FROM local_calls c LEFT JOIN voice_call_extractions e ON e.tenant_id = c.tenant_id AND e.call_id = c.id
), tools AS (
  SELECT call_id, count(*) AS n, count(ok) AS known, count(*) FILTER (WHERE ok) AS good,
    coalesce(jsonb_agg(extract(epoch FROM responded_at - requested_at) * 1000) FILTER (WHERE responded_at >= requested_at), '[]') AS times
  FROM voice_tool_calls WHERE tenant_id = $1 GROUP BY call_id
), talks AS (
  SELECT id, CASE WHEN NOT spoke THEN NULL
    WHEN duration_seconds IS NOT NULL THEN floor(duration_seconds * 1000 + 0.5)
    WHEN answered_at IS NOT NULL AND ended_at IS NOT NULL THEN greatest(0, extract(epoch FROM ended_at - answered_at) * 1000)
    END::bigint AS ms
  FROM calls
), records AS (
  SELECT c.id, to_char(c.local, 'YYYY-MM-DD') AS day, jsonb_build_object(
    'occurred_at', to_char(c.began_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
    'hour_start', to_char(c.hour_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
    'local_date', to_char(c.local, 'YYYY-MM-DD'),
    'local_hour', extract(hour FROM c.local)::int,
    'local_weekday', extract(isodow FROM c.local)::int,
    'direction', c.direction,
    'status', coalesce(c.status, ''),
    'intent', coalesce(c.intent, ''),
    'outcome', coalesce(c.outcome, ''),
    'end_reason', coalesce(c.end_reason, ''),
    'sentiment', coalesce(c.sentiment, ''),
    'language', coalesce(c.language, ''),
    'agent_id', CASE WHEN c.agent_id ~ '^[A-Za-z0-9_.:-]{1,64}$' THEN c.agent_id ELSE '' END,
    'cost_currency', CASE WHEN c.cost_minor IS NOT NULL AND c.cost_currency ~ '^[A-Z]{3}$' THEN c.cost_currency ELSE '' END,
    'patient_id', coalesce(c.patient_id, '00000000-0000-0000-0000-000000000000'),
    'connected', c.spoke::int,
    'abandoned', (c.direction = 'inbound' AND c.over AND c.status <> 'voicemail' AND
      CASE WHEN c.caller_turns IS NOT NULL THEN c.caller_turns = 0
        ELSE c.outcome IS NOT DISTINCT FROM 'abandoned' OR c.status IN ('no_answer', 'busy')
          OR coalesce(c.duration_seconds = 0, false)
          OR (c.status = 'failed' AND c.duration_seconds IS NULL AND c.answered_at IS NULL) END)::int,
    'contained', (c.spoke AND c.over AND NOT c.handed_over AND c.end_reason IS DISTINCT FROM 'error' AND c.status <> 'failed')::int,
    'transferred', (c.spoke AND c.handed_over)::int,
    'booking_intent', c.wants_booking::int,
    'booked', (c.wants_booking AND c.outcome IS NOT DISTINCT FROM 'booked')::int,
    'booked_any', (c.outcome IS NOT DISTINCT FROM 'booked')::int,
    'resolved', (c.spoke AND coalesce(c.outcome IN ('booked', 'rescheduled', 'cancelled', 'answered'), false))::int,
    'identified', (c.spoke AND c.patient_id IS NOT NULL)::int,
    'callback_requested', (c.outcome IS NOT DISTINCT FROM 'callback_requested')::int,
    'callback_fulfilled', (c.outcome IS NOT DISTINCT FROM 'callback_requested' AND EXISTS (
      SELECT FROM voice_calls b WHERE b.tenant_id = $1 AND b.direction = 'outbound' AND b.contact_phone = c.contact_phone
        AND b.caller_turns > 0 AND coalesce(b.status, '') NOT IN ('no_answer', 'busy', 'voicemail') AND b.began_at > c.began_at AND b.began_at <= c.began_at + interval '24 hours'))::int,
    'caller_known', c.known::int,
    'repeat_call', coalesce(c.previous >= c.began_at - interval '168 hours', false)::int
  ) || jsonb_build_object(
    'fcr_base', (c.known AND c.spoke)::int,
    'fcr', (c.known AND c.spoke AND NOT coalesce(c.next_alike <= c.began_at + interval '168 hours', false))::int,
    'sentiment_known', (c.sentiment IS NOT NULL)::int,
    'sentiment_positive', (c.sentiment IS NOT DISTINCT FROM 'positive')::int,
    'sentiment_negative', (c.sentiment IS NOT DISTINCT FROM 'negative')::int,
    'talk_ms', coalesce(k.ms, 0),
    'talk_n', (k.ms IS NOT NULL)::int,
    'audio_quality_micro', floor(coalesce(c.audio_score, 0) * 1000000 + 0.5),
    'audio_quality_n', (c.audio_score IS NOT NULL)::int,
    'transcription_confidence_micro', floor(coalesce(c.transcription_confidence, 0) * 1000000 + 0.5),
    'transcription_confidence_n', (c.transcription_confidence IS NOT NULL)::int,
    'interruptions', coalesce(c.interruptions, 0),
    'interruptions_n', (c.interruptions IS NOT NULL)::int,
    'silence_ms', CASE WHEN k.ms IS NULL THEN 0 ELSE floor(coalesce(c.silence_seconds, 0) * 1000 + 0.5) END,
    'silence_base_ms', CASE WHEN c.silence_seconds IS NULL THEN 0 ELSE coalesce(k.ms, 0) END,
    'tool_calls', coalesce(t.n, 0),
    'tool_known', coalesce(t.known, 0),
    'tool_ok', coalesce(t.good, 0),
    'extraction_n', c.extracted::int,
    'extraction_complete', coalesce(c.filled_fields >= c.required_fields, false)::int,
    'extraction_confidence_micro', floor(coalesce(c.extraction_confidence, 0) * 1000000 + 0.5),
    'extraction_confidence_n', (c.extraction_confidence IS NOT NULL)::int,
    'cost_micro', floor(coalesce(c.cost_minor, 0) * 1000000 + 0.5)
  ) AS counted, jsonb_build_object(
    'duration_ms_hist', jsonb_build_array(k.ms),
    'latency_p50_ms_hist', jsonb_build_array(c.latency_ms_p50),
    'latency_p95_ms_hist', jsonb_build_array(c.latency_ms_p95),
    'tool_latency_ms_hist', coalesce(t.times, '[]'),
    'analysis_delay_ms_hist', jsonb_build_array(CASE WHEN c.analyzed_at < c.ended_at THEN 0
      ELSE extract(epoch FROM c.analyzed_at - c.ended_at) * 1000 END)
  ) AS values, c.contact_phone AS phone
  FROM calls c JOIN talks k ON k.id = c.id LEFT JOIN tools t ON t.call_id = c.id
  LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = c.patient_id
  WHERE NOT coalesce(p.test_data, false)
), stated AS (
  SELECT entity_id AS id, basis, statement, zone FROM fact_current
  WHERE tenant_id = $1 AND kind = 'voice_call' AND statement IS NOT NULL
), callers AS (
  SELECT id, caller <> '00000000-0000-0000-0000-000000000000' AS known, caller = of_phone.usual AND phone = of_caller.usual AS usual
  FROM (SELECT r.id, r.phone, s.statement ->> 'caller' AS caller FROM records r JOIN stated s ON s.id = r.id) p
  LEFT JOIN (SELECT r.phone, mode() WITHIN GROUP (ORDER BY s.statement ->> 'caller') AS usual
    FROM records r JOIN stated s ON s.id = r.id GROUP BY 1) of_phone USING (phone)
  LEFT JOIN (SELECT s.statement ->> 'caller' AS caller, mode() WITHIN GROUP (ORDER BY r.phone) AS usual
    FROM records r JOIN stated s ON s.id = r.id GROUP BY 1) of_caller USING (caller)
), compared AS (
  SELECT coalesce(r.day, s.statement ->> 'local_date') AS day, CASE
      WHEN s.id IS NULL THEN ARRAY['statement']
      WHEN r.id IS NULL THEN ARRAY['record']
      ELSE ARRAY(
        SELECT key FROM jsonb_each(r.counted) WHERE s.statement -> key IS DISTINCT FROM value
        UNION ALL
        SELECT key FROM jsonb_each(r.values) WHERE EXISTS (
          SELECT FROM (
            SELECT floor(v::numeric + 0.5)::float8 AS v, row_number() OVER (ORDER BY v::numeric) AS k
            FROM jsonb_array_elements_text(value) v WHERE v IS NOT NULL) a
          FULL JOIN (
            SELECT b::int AS b, row_number() OVER (ORDER BY b::int) AS k
            FROM jsonb_array_elements_text(s.statement -> key) b) b USING (k)
          -- Bucket b above 0 holds what is above g^(b-2) and at most g^(b-1), where g = 1.01 / 0.99; 0 holds 0.
          WHERE NOT coalesce(CASE WHEN v < 1 THEN b = 0 WHEN b BETWEEN 1 AND 5000 THEN
            v * 1.000001 > (1.01::float8 / 0.99) ^ (b - 2) AND v * 0.999999 <= (1.01::float8 / 0.99) ^ (b - 1) END, false))
        UNION ALL
        SELECT 'caller' WHERE c.known IS DISTINCT FROM (r.phone IS NOT NULL) OR (c.known AND NOT c.usual)
        UNION ALL
        SELECT 'basis' WHERE s.basis <> 'started')
    END AS columns
  FROM records r FULL JOIN stated s ON s.id = r.id LEFT JOIN callers c ON c.id = r.id
  WHERE s.id IS NULL OR r.id IS NULL OR ((s.statement ->> 'statement_version')::int = $3 AND s.zone = $2)
)
SELECT day, count(*)::int AS calls,
  (SELECT array_agg(DISTINCT c ORDER BY c) FROM compared x, unnest(x.columns) c WHERE x.day = d.day) AS columns
FROM compared d WHERE cardinality(columns) > 0 GROUP BY day ORDER BY day LIMIT 1000`;
