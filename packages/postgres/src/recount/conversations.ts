import { conversationFact } from '@switchboard/domain/facts/conversation';
import type { Queryable } from '../pool.ts';
import { compareRecords } from './compare-records.ts';
import { knownIntents } from './messages.ts';
import { businessMs } from './opening-hours.ts';
import { threadSql } from './thread.ts';
import type { Recount } from './voice-calls.ts';

/** Counts a tenant's conversations again, from calls and messages, and compares them with what is stated. */
export function recountConversations(db: Queryable, tenantId: string, zone: string): Promise<Recount> {
  const { kind, statementVersion } = conversationFact;
  return compareRecords(db, tenantId, zone, { kind, statementVersion, knowsHours: true, records });
}

const utc = (at: string) =>
  `to_char(coalesce(${at}, 'epoch') AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')`;
const ms = (from: string, to: string) =>
  `greatest(0 * extract(epoch FROM ${to} - ${from}), extract(epoch FROM ${to} - ${from}) * 1000)`;

const records = `${threadSql}, calls AS (
  SELECT DISTINCT ON (conversation_id) *,
    coalesce(ended_at, began_at + coalesce(duration_seconds, 0) * interval '1 second') AS over_at,
    transferred_to IS NOT NULL OR coalesce(outcome = 'transferred', false) OR coalesce(end_reason = 'transferred', false) AS put_through
  FROM voice_calls WHERE tenant_id = $1 AND conversation_id IS NOT NULL ORDER BY conversation_id, began_at, id
), firsts AS (
  SELECT conversation_id, count(*) AS messages, min(sent_at) AS began, min(sent_at) FILTER (WHERE asks) AS first_in,
    count(*) FILTER (WHERE answers) AS answers, bool_or(sender_kind = 'assistant') AS assistant, bool_or(sender_kind = 'user') AS staff,
    coalesce(min(sent_at) FILTER (WHERE sender_kind = 'assistant') < max(sent_at) FILTER (WHERE sender_kind = 'user'), false) AS handed
  FROM thread GROUP BY conversation_id
), written AS (
  SELECT f.conversation_id, f.messages, f.began, f.first_in, f.assistant, f.staff, f.handed,
    min(t.sent_at) FILTER (WHERE t.answers AND t.sent_at >= f.first_in) AS first_answer,
    min(t.sent_at) FILTER (WHERE t.asks AND t.answers_before = f.answers) AS unanswered
  FROM firsts f JOIN thread t ON t.conversation_id = f.conversation_id GROUP BY 1, 2, 3, 4, 5, 6, 7
), base AS (
  SELECT k.*, v.id AS call_id, v.over_at, v.put_through, v.outcome, coalesce(v.caller_turns, 0) > 0 AND
      coalesce(v.status NOT IN ('no_answer', 'busy', 'voicemail'), true) AS spoke,
    w.messages, w.first_in, w.first_answer, w.assistant, w.staff, w.handed, coalesce(v.began_at, w.began, k.created_at) AS began,
    CASE WHEN v.id IS NULL THEN k.intent ELSE v.intent END AS wants, CASE WHEN v.id IS NULL THEN k.sentiment ELSE v.sentiment END AS mood,
    CASE WHEN v.id IS NULL THEN k.language ELSE v.language END AS tongue,
    CASE WHEN k.state = 'resolved' THEN coalesce(k.resolved_at, v.over_at) END AS done_at,
    CASE WHEN k.state = 'resolved' THEN NULL WHEN v.id IS NULL THEN w.unanswered
      WHEN v.outcome IN ('callback_requested', 'unresolved') THEN v.over_at END AS waits_since
  FROM conversations k
  LEFT JOIN calls v ON v.conversation_id = k.id
  LEFT JOIN written w ON w.conversation_id = k.id AND k.channel <> 'voice'
  LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = k.patient_id
  WHERE k.tenant_id = $1 AND NOT coalesce(p.test_data, false)
), appts AS (
  SELECT *, coalesce(booked_at, least(created_at, starts_at)) AS made FROM appointments
  WHERE tenant_id = $1 AND status <> 'held' AND NOT placeholder AND NOT entered_in_error
), ranked AS (
  SELECT id, patient_id, began, row_number() OVER (PARTITION BY patient_id ORDER BY began, id) AS nth FROM base WHERE patient_id IS NOT NULL
), first_contacts AS (
  SELECT r.id, min(a.made) FILTER (WHERE a.made >= r.began) AS booking,
    min(a.starts_at) FILTER (WHERE a.status = 'completed' AND a.starts_at >= r.began) AS visit,
    coalesce(bool_or(a.made < r.began), false) AS booked_before
  FROM ranked r LEFT JOIN appts a ON a.patient_id = r.patient_id WHERE r.nth = 1 GROUP BY r.id
), elsewhere AS (
  SELECT DISTINCT k.id FROM base k JOIN base e ON e.patient_id = k.patient_id
  WHERE e.channel <> k.channel AND e.began < k.began AND e.began + interval '720 hours' >= k.began
), booked AS (
  SELECT conversation_id AS id FROM appts WHERE conversation_id IS NOT NULL
  UNION SELECT b.id FROM appts a JOIN base b ON b.call_id = a.call_id
), judged AS (
  SELECT conversation_id AS id, count(*) FILTER (WHERE state = 'sent') AS sent, count(*) FILTER (WHERE state = 'edited') AS edited,
    count(*) FILTER (WHERE state = 'dismissed') AS dismissed
  FROM reply_suggestions WHERE tenant_id = $1 GROUP BY 1
), timed_base AS (
  SELECT b.*, date_trunc('milliseconds', began) AS began_ms, date_trunc('milliseconds', done_at) AS done_ms,
    date_trunc('milliseconds', first_in) AS in_ms, date_trunc('milliseconds', first_answer) AS answer_ms
  FROM base b
), columns AS (
  SELECT b.id, b.began, b.done_at, b.contact_phone, jsonb_build_object(
    'channel', b.channel,
    'state', b.state,
    'intent', CASE WHEN b.wants IN (${knownIntents}) THEN b.wants ELSE '' END,
    'sentiment', CASE WHEN b.mood IN ('positive', 'neutral', 'negative') THEN b.mood ELSE '' END,
    'language', CASE WHEN b.tongue ~ '^[A-Za-z0-9_.:-]{1,64}$' THEN b.tongue ELSE '' END,
    'labels', to_jsonb(ARRAY(SELECT DISTINCT l COLLATE "C" FROM unnest(b.labels) l WHERE l ~ '^[A-Za-z0-9_.:-]{1,64}$' ORDER BY 1)),
    'assignee_id', coalesce(b.assignee_id, z.id),
    'patient_id', coalesce(b.patient_id, z.id),
    'waiting_since', ${utc('b.waits_since')},
    'sla_settled_at', ${utc(`CASE WHEN b.answer_ms <= b.in_ms + o.target_ms * interval '1 millisecond' THEN b.answer_ms
      ELSE b.in_ms + o.target_ms * interval '1 millisecond' END`)},
    'messages', coalesce(b.messages, 0),
    'resolved', (b.done_at IS NOT NULL)::int,
    'reopened', (b.reopened > 0)::int,
    'waiting', (b.waits_since IS NOT NULL)::int,
    'sla_base', (b.first_in IS NOT NULL)::int,
    'sla_met', coalesce(b.answer_ms <= b.in_ms + o.target_ms * interval '1 millisecond', false)::int,
    'sentiment_known', coalesce(b.mood IN ('positive', 'neutral', 'negative'), false)::int
  ) || jsonb_build_object(
    'ai_only', CASE WHEN b.call_id IS NULL THEN coalesce(b.assistant AND NOT b.staff, false) ELSE b.spoke AND NOT b.put_through END::int,
    'handed_off', CASE WHEN b.call_id IS NULL THEN coalesce(b.handed, false) ELSE b.put_through END::int,
    'booking_intent', coalesce(b.wants = 'book_appointment', false)::int,
    'booked', (coalesce(b.wants = 'book_appointment', false) AND (coalesce(b.outcome = 'booked', false) OR g.id IS NOT NULL))::int,
    'first_event', (f.id IS NOT NULL AND NOT f.booked_before)::int,
    'first_contact', (f.id IS NOT NULL)::int,
    'booked_14d', coalesce(f.booking - b.began <= interval '336 hours', false)::int,
    'multi_channel', (e.id IS NOT NULL)::int,
    'suggestions_judged', coalesce(j.sent + j.edited + j.dismissed, 0),
    'suggestions_accepted', coalesce(j.sent, 0),
    'suggestions_edited', coalesce(j.edited, 0),
    'suggestions_rejected', coalesce(j.dismissed, 0)
  ) AS counted, jsonb_build_object(
    'first_response_ms_hist', jsonb_build_array(${ms('b.in_ms', 'b.answer_ms')}),
    'first_response_business_ms_hist', jsonb_build_array(${businessMs('b.in_ms', 'b.answer_ms')}),
    'resolution_ms_hist', jsonb_build_array(${ms('b.began_ms', 'b.done_ms')}),
    'resolution_business_ms_hist', jsonb_build_array(${businessMs('b.began_ms', 'b.done_ms')}),
    'time_to_book_ms_hist', jsonb_build_array(${ms('b.began_ms', `date_trunc('milliseconds', f.booking)`)}),
    'time_to_visit_ms_hist', jsonb_build_array(${ms('b.began_ms', `date_trunc('milliseconds', f.visit)`)})
  ) AS spans
  FROM timed_base b CROSS JOIN opening o CROSS JOIN (SELECT '00000000-0000-0000-0000-000000000000'::uuid AS id) z
  LEFT JOIN first_contacts f ON f.id = b.id
  LEFT JOIN elsewhere e ON e.id = b.id
  LEFT JOIN booked g ON g.id = b.id
  LEFT JOIN judged j ON j.id = b.id AND b.channel <> 'voice'
), records AS (
  SELECT id, 'created' AS basis, began AS at, counted, spans, contact_phone AS phone FROM columns
  UNION ALL SELECT id, 'resolved', done_at, counted, spans, contact_phone FROM columns WHERE done_at IS NOT NULL
)`;
