import { journeyStepFact } from '@switchboard/domain/facts/journey-step';
import type { Queryable } from '../pool.ts';
import { compareRecords } from './compare-records.ts';
import { staleJourneys } from './journeys.ts';
import type { Recount } from './voice-calls.ts';

/** Counts the steps of a tenant's journeys again from the records, and compares them with what is stated. */
export function recountJourneySteps(db: Queryable, tenantId: string, zone: string): Promise<Recount> {
  const { kind, statementVersion } = journeyStepFact;
  return compareRecords(db, tenantId, zone, { kind, statementVersion, knowsHours: false, records, stale });
}

const stale = `SELECT s.id FROM journey_steps s WHERE s.tenant_id = $1 AND s.journey_id IN (${staleJourneys})`;

const code = (text: string) => `CASE WHEN ${text} ~ '^[A-Za-z0-9_.:-]{1,64}$' THEN ${text} ELSE '' END`;

const records = `
steps AS (
  SELECT s.*, lead(s.completed_at) OVER (PARTITION BY s.journey_id ORDER BY s.completed_at, s.id) AS next_done
  FROM journey_steps s WHERE s.tenant_id = $1 AND NOT s.placeholder
), columns AS (
  SELECT s.id, s.due_at, s.completed_at, jsonb_build_object(
    'journey_type', ${code('j.journey_type')},
    'step', ${code('s.step_type')},
    'stage', ${code('s.stage')},
    'department_id', coalesce(j.department_id, d.department_id, '00000000-0000-0000-0000-000000000000'),
    'practitioner_id', coalesce(j.practitioner_id, '00000000-0000-0000-0000-000000000000'),
    'patient_id', coalesce(j.patient_id, '00000000-0000-0000-0000-000000000000'),
    'journey_id', s.journey_id,
    'open', (s.completed_at IS NULL)::int,
    'done', (s.completed_at IS NOT NULL)::int,
    'due_known', (s.completed_at IS NOT NULL AND s.due_at IS NOT NULL)::int,
    'on_time', coalesce(s.completed_at <= s.due_at, false)::int,
    'not_advanced_14d', (s.completed_at IS NOT NULL AND NOT coalesce(
      CASE WHEN s.next_done IS NOT NULL THEN s.next_done WHEN j.status = 'completed' THEN j.ended_at END
        <= s.completed_at + interval '336 hours', false))::int
  ) AS counted, jsonb_build_object('delay_ms_hist', jsonb_build_array(extract(epoch FROM s.completed_at - s.due_at) * 1000)) AS spans
  FROM steps s
  JOIN journeys j ON j.tenant_id = $1 AND j.id = s.journey_id
  LEFT JOIN practitioners d ON d.tenant_id = $1 AND d.id = j.practitioner_id
  LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = j.patient_id
  WHERE NOT j.entered_in_error AND NOT coalesce(p.test_data, false)
    AND (s.completed_at IS NOT NULL OR j.status NOT IN ('completed', 'canceled'))
), records AS (
  SELECT id, 'due' AS basis, due_at AS at, counted, spans, NULL AS phone FROM columns WHERE due_at IS NOT NULL
  UNION ALL SELECT id, 'completed', completed_at, counted, spans, NULL FROM columns WHERE completed_at IS NOT NULL
)`;
