import { journeyFact } from '@switchboard/domain/facts/journey';
import type { Queryable } from '../pool.ts';
import { compareRecords } from './compare-records.ts';
import type { Recount } from './voice-calls.ts';

/** Counts a tenant's journeys again from the records, and compares them with what is stated. */
export function recountJourneys(db: Queryable, tenantId: string, zone: string): Promise<Recount> {
  const { kind, statementVersion } = journeyFact;
  return compareRecords(db, tenantId, zone, {
    kind,
    statementVersion,
    knowsHours: false,
    records,
    stale: staleJourneys,
  });
}

/** Journeys that are left to the upkeep. */
export const staleJourneys = `SELECT j.id FROM stale_owners o JOIN journeys j ON j.tenant_id = $1 AND j.practitioner_id = o.owner_id
  WHERE o.tenant_id = $1 AND o.records = 'journeys'`;

const records = `
plans AS (
  SELECT journey_id, count(*) AS steps, count(*) FILTER (WHERE completed_at IS NOT NULL) AS done
  FROM journey_steps WHERE tenant_id = $1 AND NOT placeholder GROUP BY journey_id
), columns AS (
  SELECT j.id, coalesce(j.started_at, j.created_at) AS began, t.ended, jsonb_build_object(
    'journey_type', CASE WHEN j.journey_type ~ '^[A-Za-z0-9_.:-]{1,64}$' THEN j.journey_type ELSE '' END,
    'status', j.status,
    'department_id', coalesce(j.department_id, d.department_id, '00000000-0000-0000-0000-000000000000'),
    'practitioner_id', coalesce(j.practitioner_id, '00000000-0000-0000-0000-000000000000'),
    'patient_id', coalesce(j.patient_id, '00000000-0000-0000-0000-000000000000'),
    'steps', coalesce(s.steps, 0),
    'steps_done', coalesce(s.done, 0),
    'was_paused', (j.pauses > 0)::int,
    'was_resumed', (j.pauses > 0 AND j.resumes > 0)::int
  ) AS counted, jsonb_build_object('duration_ms_hist', jsonb_build_array(CASE WHEN j.status = 'completed' AND t.ended IS NOT NULL THEN greatest(0,
    extract(epoch FROM date_trunc('milliseconds', t.ended) - date_trunc('milliseconds', coalesce(j.started_at, j.created_at))) * 1000) END)) AS spans
  FROM journeys j
  CROSS JOIN LATERAL (SELECT CASE WHEN j.status IN ('completed', 'canceled') THEN j.ended_at END AS ended) t
  LEFT JOIN plans s ON s.journey_id = j.id
  LEFT JOIN practitioners d ON d.tenant_id = $1 AND d.id = j.practitioner_id
  LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = j.patient_id
  WHERE j.tenant_id = $1 AND NOT j.placeholder AND NOT j.entered_in_error AND NOT coalesce(p.test_data, false)
), records AS (
  SELECT id, 'started' AS basis, began AS at, counted, spans, NULL AS phone FROM columns
  UNION ALL SELECT id, 'ended', ended, counted, spans, NULL FROM columns WHERE ended IS NOT NULL
)`;
