import { messageFact } from '@switchboard/domain/facts/message';
import { intents } from '@switchboard/domain/intents';
import type { Queryable } from '../pool.ts';
import { compareRecords } from './compare-records.ts';
import { businessMs } from './opening-hours.ts';
import { threadSql } from './thread.ts';
import type { Recount } from './voice-calls.ts';

/** Counts a tenant's messages again from the records, and compares them with what is stated. */
export function recountMessages(db: Queryable, tenantId: string, zone: string): Promise<Recount> {
  const { kind, statementVersion } = messageFact;
  return compareRecords(db, tenantId, zone, { kind, statementVersion, knowsHours: true, records });
}

/** What may stand around a word: the spaces of Unicode, whatever the database's locale makes of a class. */
const around = String.raw`[.!\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+`;

/** As the members of a list in SQL. */
export const knownIntents = intents.map((intent) => `'${intent}'`).join(', ');

const records = `${threadSql}, answered AS (
  SELECT DISTINCT r.id FROM sorted r JOIN sorted i ON i.conversation_id = r.conversation_id
  WHERE r.direction = 'outbound' AND lower(r.template) LIKE '%reminder%' AND i.came_in
    AND i.sent_at > r.sent_at AND i.sent_at - interval '48 hours' <= r.sent_at
), files AS (
  SELECT DISTINCT message_id FROM message_media WHERE tenant_id = $1
), records AS (
  SELECT m.id, 'sent' AS basis, m.sent_at AS at, jsonb_build_object(
    'channel', k.channel,
    'direction', m.direction,
    'status', CASE WHEN m.direction = 'outbound' AND m.status IN ('queued', 'sent', 'delivered', 'read', 'failed', 'undelivered') THEN m.status ELSE '' END,
    'intent', CASE WHEN m.intent IN (${knownIntents}) THEN m.intent ELSE '' END,
    'sentiment', CASE WHEN m.sentiment IN ('positive', 'neutral', 'negative') THEN m.sentiment ELSE '' END,
    'language', CASE WHEN m.language ~ '^[A-Za-z0-9_.:-]{1,64}$' THEN m.language ELSE '' END,
    'assignee_id', coalesce(CASE m.sender_kind WHEN 'user' THEN m.sender_id END, z.id),
    'conversation_id', m.conversation_id,
    'patient_id', coalesce(k.patient_id, z.id),
    'delivered', (m.direction = 'outbound' AND coalesce(m.status IN ('delivered', 'read'), false))::int,
    'read', (m.direction = 'outbound' AND coalesce(m.status = 'read', false))::int,
    'failed', (m.direction = 'outbound' AND coalesce(m.status IN ('failed', 'undelivered'), false))::int,
    'media', (f.message_id IS NOT NULL)::int,
    'template', (m.direction = 'outbound' AND m.template IS NOT NULL)::int,
    'reminder', (m.direction = 'outbound' AND coalesce(lower(m.template) LIKE '%reminder%', false))::int,
    'reminder_answered', (a.id IS NOT NULL)::int,
    'opt_out', (m.direction = 'inbound' AND coalesce(CASE m.extra ->> 'opt' WHEN 'out' THEN true WHEN 'in' THEN false END,
      regexp_replace(upper(left(m.body, 40)), '^${around}|${around}$', '', 'g')
        IN ('STOP', 'STOPALL', 'STOP ALL', 'UNSUBSCRIBE', 'OPTOUT', 'OPT OUT'), false))::int,
    'reply_n', (t.ms IS NOT NULL)::int,
    'reply_ms', coalesce(t.ms, 0),
    'reply_business_ms', floor(coalesce(t.business_ms, 0) + 0.5),
    'sentiment_known', (m.sentiment_score IS NOT NULL)::int,
    'sentiment_micro', floor(coalesce(m.sentiment_score, 0) * 1000000 + 0.5)
  ) AS counted, jsonb_build_object(
    'reply_ms_hist', jsonb_build_array(t.ms),
    'reply_business_ms_hist', jsonb_build_array(t.business_ms)
  ) AS spans, k.contact_phone AS phone
  FROM thread m CROSS JOIN opening o CROSS JOIN (SELECT '00000000-0000-0000-0000-000000000000'::uuid AS id) z
  JOIN conversations k ON k.tenant_id = $1 AND k.id = m.conversation_id
  LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = k.patient_id
  LEFT JOIN answered a ON a.id = m.id
  LEFT JOIN files f ON f.message_id = m.id
  CROSS JOIN LATERAL (SELECT CASE WHEN m.answers THEN date_trunc('milliseconds', m.waits_since) END AS since, date_trunc('milliseconds', m.sent_at) AS at) s
  CROSS JOIN LATERAL (SELECT extract(epoch FROM s.at - s.since) * 1000 AS ms, ${businessMs('s.since', 's.at')} AS business_ms) t
  WHERE NOT coalesce(p.test_data, false)
)`;
