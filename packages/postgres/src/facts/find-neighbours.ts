import { noId } from '@switchboard/domain/facts/statement-parts';
import type { Queryable } from '../pool.ts';
import { beganAt, hasCome, isCounted, isTest, lostAt, madeAt, overlaps } from './counted.ts';
import type { ToState } from './touched.ts';

/**
 * Adds the records whose answers appointments change, where these stand and where they were last stated to stand: only
 * those that can change, so that a busy patient costs no more than a quiet one.
 */
export async function findAppointmentNeighbours(
  client: Queryable,
  tenantId: string,
  found: ToState,
): Promise<void> {
  await addNeighbours(client, appointmentSql, tenantId, [...found.appointments], found);
}

/** The same of conversations; one that stands where it stood changes nobody's answer. */
export async function findConversationNeighbours(
  client: Queryable,
  tenantId: string,
  conversationIds: readonly string[],
  found: ToState,
): Promise<void> {
  await addNeighbours(client, conversationSql, tenantId, conversationIds, found);
}

async function addNeighbours(
  client: Queryable,
  sql: string,
  tenantId: string,
  ids: readonly string[],
  found: ToState,
): Promise<void> {
  if (ids.length === 0) return;
  const { rows } = await client.query<{ list: 'appointments' | 'conversations'; id: string }>(sql, [
    tenantId,
    ids,
  ]);
  for (const { list, id } of rows) found[list].add(id);
}

// Statements hold milliseconds: all of one are looked at, and the first after them.
const statedAt = (statement: string) => `(${statement} ->> 'occurred_at')::timestamp AT TIME ZONE 'UTC'`;
const statedId = (statement: string, column: string) =>
  `nullif(${statement} ->> '${column}', '${noId}')::uuid`;
const aMoment = `interval '1 millisecond'`;

/** The patient's first appointment made at or after \p.at: how many contacts it took may change. */
const nextBooking = `
  SELECT 'appointments', b.id FROM appointments b
  WHERE b.tenant_id = $1 AND b.patient_id = p.patient_id AND ${isCounted('b')} AND ${madeAt('b')} >= p.at
    AND ${madeAt('b')} <= coalesce((
      SELECT ${madeAt('c')} FROM appointments c
      WHERE c.tenant_id = $1 AND c.patient_id = p.patient_id AND ${isCounted('c')} AND ${madeAt('c')} >= p.at + ${aMoment}
      ORDER BY ${madeAt('c')} LIMIT 1), p.at + ${aMoment})`;

/** Of those that did not change, the patient's first appointment and conversation: no other can be the first of all. */
const firstAppointment = (since: string) => `
  (SELECT 'appointments', n.id FROM (
     SELECT b.id, ${madeAt('b')} AS at FROM appointments b
     WHERE b.tenant_id = $1 AND b.patient_id = p.patient_id AND ${isCounted('b')} AND b.id <> ALL ($2::uuid[])
     ORDER BY ${madeAt('b')}, b.id LIMIT 1) n
   WHERE n.at >= ${since})`;
const firstConversation = (since: string) => `
  (SELECT 'conversations', n.id FROM (
     SELECT k.id, ${beganAt('k')} AS at FROM conversations k
     WHERE k.tenant_id = $1 AND k.patient_id = p.patient_id AND k.id <> ALL ($2::uuid[])
     ORDER BY ${beganAt('k')}, k.id LIMIT 1) n
   WHERE n.at >= ${since})`;

const appointmentSql = `
WITH places AS MATERIALIZED (
  SELECT a.id, a.patient_id, a.practitioner_id, date_trunc('milliseconds', ${madeAt('a')}) AS at, a.starts_at, a.ends_at
  FROM appointments a
  WHERE a.tenant_id = $1 AND a.id = ANY ($2::uuid[]) AND ${isCounted('a')} AND NOT ${isTest('a')}
  UNION
  SELECT s.entity_id, ${statedId('s.statement', 'patient_id')}, ${statedId('s.statement', 'practitioner_id')},
    coalesce(${statedAt('c.statement')}, date_trunc('milliseconds', least(a.created_at, ${statedAt('s.statement')}))),
    ${statedAt('s.statement')},
    ${statedAt('s.statement')} + make_interval(secs => (s.statement ->> 'duration_ms')::float8 / 1000)
  FROM fact_current s
  -- One whose booking nobody told the time of was never stated under it.
  JOIN appointments a ON a.tenant_id = $1 AND a.id = s.entity_id
  LEFT JOIN fact_current c ON c.tenant_id = $1 AND c.kind = 'appointment' AND c.entity_id = s.entity_id AND c.basis = 'created'
  WHERE s.tenant_id = $1 AND s.kind = 'appointment' AND s.entity_id = ANY ($2::uuid[]) AND s.basis = 'starts'
    AND s.statement IS NOT NULL
), patients_of AS (
  SELECT patient_id, min(at) AS at FROM places WHERE patient_id IS NOT NULL GROUP BY patient_id
)
SELECT n.list, n.id FROM patients_of p CROSS JOIN LATERAL (
  ${firstAppointment('p.at')} UNION ALL ${firstConversation(`'-infinity'`)}) n (list, id)
UNION
SELECT n.list, n.id FROM places p CROSS JOIN LATERAL (
  ${nextBooking}
  UNION ALL
  SELECT 'appointments', b.id FROM appointments b
  WHERE b.tenant_id = $1 AND b.patient_id = p.patient_id AND b.status IN ('cancelled', 'no_show') AND ${isCounted('b')}
    AND b.id <> p.id AND ${lostAt('b')} < p.at + ${aMoment} AND ${lostAt('b')} >= p.at - interval '720 hours'
    AND NOT EXISTS (
      SELECT FROM appointments c
      WHERE c.tenant_id = $1 AND c.patient_id = p.patient_id AND ${isCounted('c')} AND c.id <> p.id AND c.id <> b.id
        AND ${madeAt('c')} > ${lostAt('b')} AND ${madeAt('c')} < p.at)
  UNION ALL
  (SELECT 'appointments', b.id FROM appointments b
   WHERE b.tenant_id = $1 AND b.patient_id = p.patient_id AND ${isCounted('b')} AND ${hasCome('b')}
     AND (b.starts_at, b.id) < (p.starts_at, p.id) AND b.starts_at >= p.starts_at - interval '2160 hours'
   ORDER BY b.starts_at DESC, b.id DESC LIMIT 1)
  UNION ALL
  SELECT 'appointments', b.id FROM appointments b
  WHERE b.tenant_id = $1 AND b.practitioner_id = p.practitioner_id AND ${isCounted('b')} AND b.id <> p.id AND ${overlaps('b', 'p')}
) n (list, id)
UNION
SELECT 'conversations', a.conversation_id FROM appointments a
WHERE a.tenant_id = $1 AND a.id = ANY ($2::uuid[]) AND a.conversation_id IS NOT NULL
UNION
SELECT 'conversations', v.conversation_id FROM appointments a
JOIN voice_calls v ON v.tenant_id = $1 AND v.id = a.call_id
WHERE a.tenant_id = $1 AND a.id = ANY ($2::uuid[]) AND v.conversation_id IS NOT NULL`;

const conversationSql = `
WITH standing AS MATERIALIZED (
  SELECT k.id, k.patient_id, k.channel, date_trunc('milliseconds', ${beganAt('k')}) AS at FROM conversations k
  WHERE k.tenant_id = $1 AND k.id = ANY ($2::uuid[]) AND k.patient_id IS NOT NULL AND NOT ${isTest('k')}
), stated AS MATERIALIZED (
  SELECT f.entity_id AS id, ${statedId('f.statement', 'patient_id')} AS patient_id, f.statement ->> 'channel' AS channel,
    ${statedAt('f.statement')} AS at
  FROM fact_current f
  WHERE f.tenant_id = $1 AND f.kind = 'conversation' AND f.entity_id = ANY ($2::uuid[]) AND f.basis = 'created'
    AND f.statement ->> 'patient_id' <> '${noId}'
), places AS MATERIALIZED (
  (TABLE standing EXCEPT TABLE stated) UNION ALL (TABLE stated EXCEPT TABLE standing)
), patients_of AS (
  SELECT patient_id, min(at) AS at FROM places GROUP BY patient_id
)
SELECT n.list, n.id FROM patients_of p CROSS JOIN LATERAL (
  ${firstAppointment('p.at')} UNION ALL ${firstConversation('p.at')}) n (list, id)
UNION
SELECT n.list, n.id FROM places p CROSS JOIN LATERAL (
  ${nextBooking}
  UNION ALL
  -- Until the next one by the same channel, which answers the same for all after it.
  SELECT 'conversations', k.id FROM conversations k
  WHERE k.tenant_id = $1 AND k.patient_id = p.patient_id AND k.channel <> p.channel AND ${beganAt('k')} >= p.at
    AND ${beganAt('k')} <= p.at + interval '720 hours' + ${aMoment}
    AND ${beganAt('k')} <= coalesce((
      SELECT ${beganAt('o')} FROM conversations o
      WHERE o.tenant_id = $1 AND o.patient_id = p.patient_id AND o.channel = p.channel AND o.id <> p.id
        AND ${beganAt('o')} >= p.at + ${aMoment}
      ORDER BY ${beganAt('o')} LIMIT 1), 'infinity')
) n (list, id)`;
