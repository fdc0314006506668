import type { Stores } from '@switchboard/testkit/open-stores';
import type { Counts, Whose } from './naive-recount.ts';

/** The same counts from `fact_current`, in the same words. */
export async function countsOfFacts({ postgres }: Stores, tenant: string): Promise<Counts> {
  const { rows } = await postgres.query<{ key: string; count: number }>(
    `SELECT CASE f.kind || ' ' || f.basis
         WHEN 'appointment starts' THEN concat_ws(' ', 'appointment starts', s->>'local_date', s->>'status')
         WHEN 'appointment created' THEN concat_ws(' ', 'appointment created', s->>'local_date', s->>'channel')
         WHEN 'appointment cancelled' THEN concat_ws(' ', 'appointment cancelled', s->>'local_date',
           CASE WHEN (s->>'patient_cancelled')::int = 1 THEN 'patient' WHEN (s->>'clinic_cancelled')::int = 1 THEN 'clinic' END)
         WHEN 'journey started' THEN concat_ws(' ', 'journey started', s->>'local_date', s->>'journey_type', s->>'status')
         WHEN 'journey ended' THEN concat_ws(' ', 'journey ended', s->>'local_date', s->>'status')
         WHEN 'journey_step due' THEN concat_ws(' ', 'step due', s->>'local_date', CASE WHEN (s->>'done')::int = 1 THEN 'done' ELSE 'open' END)
         WHEN 'journey_step completed' THEN concat_ws(' ', 'step completed', s->>'local_date')
         WHEN 'message sent' THEN concat_ws(' ', 'message sent', s->>'local_date', s->>'direction')
         WHEN 'conversation created' THEN concat_ws(' ', 'conversation created', s->>'local_date')
       END AS key, count(*)::int AS count
     FROM fact_current f CROSS JOIN LATERAL (SELECT f.statement AS s) x
     WHERE f.tenant_id = $1 AND f.statement IS NOT NULL AND f.kind <> 'voice_call'
       AND NOT (f.kind = 'conversation' AND (f.basis = 'resolved' OR s->>'channel' = 'voice'))
     GROUP BY 1
     UNION ALL
     SELECT 'appointment moves', sum((statement->>'moves')::int)::int FROM fact_current
     WHERE tenant_id = $1 AND kind = 'appointment' AND basis = 'starts' AND statement IS NOT NULL HAVING sum((statement->>'moves')::int) > 0`,
    [tenant],
  );
  return Object.fromEntries(rows.map(({ key, count }) => [key, count]));
}

/** Whose the rows of records are, by the record's id. */
export async function ownersOfRows({ postgres }: Stores, tenant: string): Promise<Record<string, Whose>> {
  const { rows } = await postgres.query<Whose & { id: string }>(
    `${recordsSql} SELECT r.external_id AS id, p.external_id AS patient, d.external_id AS practitioner FROM records r
     LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = r.patient_id
     LEFT JOIN practitioners d ON d.tenant_id = $1 AND d.id = r.practitioner_id`,
    [tenant],
  );
  return Object.fromEntries(rows.map(({ id, patient, practitioner }) => [id, { patient, practitioner }]));
}

/** The same of the statements of their beginnings. */
export async function ownersOfFacts({ postgres }: Stores, tenant: string): Promise<Record<string, Whose>> {
  const { rows } = await postgres.query<Whose & { id: string }>(
    `${recordsSql} SELECT r.external_id AS id, p.external_id AS patient, d.external_id AS practitioner FROM records r
     JOIN fact_current f ON f.tenant_id = $1 AND f.kind = r.kind AND f.entity_id = r.id AND f.basis IN ('created', 'started')
     LEFT JOIN patients p ON p.tenant_id = $1 AND p.id::text = f.statement ->> 'patient_id'
     LEFT JOIN practitioners d ON d.tenant_id = $1 AND d.id::text = f.statement ->> 'practitioner_id'`,
    [tenant],
  );
  return Object.fromEntries(rows.map(({ id, patient, practitioner }) => [id, { patient, practitioner }]));
}

const recordsSql = `WITH records AS (
  SELECT 'appointment' AS kind, id, external_id, patient_id, practitioner_id FROM appointments WHERE tenant_id = $1
  UNION ALL SELECT 'journey', id, external_id, patient_id, practitioner_id FROM journeys WHERE tenant_id = $1
  UNION ALL SELECT 'conversation', id, external_id, patient_id, NULL FROM conversations WHERE tenant_id = $1 AND channel <> 'voice')`;

/** The same counts from ClickHouse's daily sums, in the same words. */
export async function countsOfDays({ clickhouse }: Stores, tenant: string): Promise<Counts> {
  const rows = await clickhouse.query<{ key: string; count: number }>(
    `SELECT key, toInt64(sum(n)) AS count FROM (
       SELECT concat('appointment starts ', toString(local_date), ' ', status) AS key, appointments AS n
         FROM analytics_appointment_daily WHERE tenant_id = {tenant:UUID} AND basis = 'starts'
       UNION ALL SELECT concat('appointment created ', toString(local_date), ' ', channel), appointments
         FROM analytics_appointment_daily WHERE tenant_id = {tenant:UUID} AND basis = 'created'
       UNION ALL SELECT concat('appointment cancelled ', toString(local_date), ' patient'), patient_cancelled
         FROM analytics_appointment_daily WHERE tenant_id = {tenant:UUID} AND basis = 'cancelled'
       UNION ALL SELECT concat('appointment cancelled ', toString(local_date), ' clinic'), clinic_cancelled
         FROM analytics_appointment_daily WHERE tenant_id = {tenant:UUID} AND basis = 'cancelled'
       UNION ALL SELECT 'appointment moves', moves
         FROM analytics_appointment_daily WHERE tenant_id = {tenant:UUID} AND basis = 'starts'
       UNION ALL SELECT concat('journey started ', toString(local_date), ' ', journey_type, ' ', status), journeys
         FROM analytics_journey_daily WHERE tenant_id = {tenant:UUID} AND basis = 'started'
       UNION ALL SELECT concat('journey ended ', toString(local_date), ' ', status), journeys
         FROM analytics_journey_daily WHERE tenant_id = {tenant:UUID} AND basis = 'ended'
       UNION ALL SELECT concat('step due ', toString(local_date), ' done'), done
         FROM analytics_journey_step_daily WHERE tenant_id = {tenant:UUID} AND basis = 'due'
       UNION ALL SELECT concat('step due ', toString(local_date), ' open'), open
         FROM analytics_journey_step_daily WHERE tenant_id = {tenant:UUID} AND basis = 'due'
       UNION ALL SELECT concat('step completed ', toString(local_date)), journey_steps
         FROM analytics_journey_step_daily WHERE tenant_id = {tenant:UUID} AND basis = 'completed'
       UNION ALL SELECT concat('message sent ', toString(local_date), ' ', direction), messages
         FROM analytics_message_daily WHERE tenant_id = {tenant:UUID} AND basis = 'sent'
       UNION ALL SELECT concat('conversation created ', toString(local_date)), conversations
         FROM analytics_conversation_daily WHERE tenant_id = {tenant:UUID} AND basis = 'created' AND channel != 'voice'
     ) GROUP BY key HAVING count != 0`,
    { tenant },
    { output_format_json_quote_64bit_integers: 0 },
  );
  return Object.fromEntries(rows.map(({ key, count }) => [key, count]));
}
