import type { JourneyRecord } from '@switchboard/domain/facts/journey';
import type { JourneyStepRecord } from '@switchboard/domain/facts/journey-step';
import type { Queryable } from '../pool.ts';
import { isTest } from './counted.ts';

/** Reads journeys as their facts state them. */
export async function loadJourneys(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<{ id: string; record: JourneyRecord }[]> {
  const { rows } = await client.query<JourneyRow>(journeySql, [tenantId, ids]);
  return rows.map((row) => ({
    id: row.id,
    record: {
      // One that is known by a reference alone has not begun, as far as anybody said.
      status: row.entered_in_error || row.placeholder ? 'entered_in_error' : row.status,
      isTest: row.is_test,
      journeyType: row.journey_type,
      departmentId: row.department_id,
      practitionerId: row.practitioner_id,
      patientId: row.patient_id,
      startedAt: row.started_at.getTime(),
      endedAt: row.ended_at?.getTime() ?? null,
      pauses: row.pauses,
      resumes: row.resumes,
      steps: row.steps,
      stepsDone: row.steps_done,
    },
  }));
}

/** Reads all steps of journeys as their facts state them. */
export async function loadJourneySteps(
  client: Queryable,
  tenantId: string,
  journeyIds: readonly string[],
): Promise<{ id: string; record: JourneyStepRecord }[]> {
  const { rows } = await client.query<StepRow>(stepSql, [tenantId, journeyIds]);
  return rows.map((row) => ({
    id: row.id,
    record: {
      status: row.status,
      isTest: row.is_test,
      journeyId: row.journey_id,
      journeyType: row.journey_type,
      step: row.step_type,
      stage: row.stage,
      departmentId: row.department_id,
      practitionerId: row.practitioner_id,
      patientId: row.patient_id,
      dueAt: row.due_at?.getTime() ?? null,
      completedAt: row.completed_at?.getTime() ?? null,
      advancedAt: row.advanced_at?.getTime() ?? null,
    },
  }));
}

interface JourneyRow {
  id: string;
  status: Exclude<JourneyRecord['status'], 'entered_in_error'>;
  placeholder: boolean;
  entered_in_error: boolean;
  is_test: boolean;
  journey_type: string;
  department_id: string | null;
  practitioner_id: string | null;
  patient_id: string | null;
  started_at: Date;
  ended_at: Date | null;
  pauses: number;
  resumes: number;
  steps: number;
  steps_done: number;
}

interface StepRow {
  id: string;
  status: JourneyStepRecord['status'];
  is_test: boolean;
  journey_id: string;
  journey_type: string;
  step_type: string | null;
  stage: string | null;
  department_id: string | null;
  practitioner_id: string | null;
  patient_id: string | null;
  due_at: Date | null;
  completed_at: Date | null;
  advanced_at: Date | null;
}

/** The journey's own department, or that of who answers for it. */
const department = 'coalesce(j.department_id, p.department_id) AS department_id';

const journeySql = `
SELECT j.id, j.status, j.placeholder, j.entered_in_error, ${isTest('j')} AS is_test, j.journey_type, ${department},
  j.practitioner_id, j.patient_id, coalesce(j.started_at, j.created_at) AS started_at, j.ended_at, j.pauses, j.resumes,
  s.steps, s.steps_done
FROM journeys j
LEFT JOIN practitioners p ON p.tenant_id = $1 AND p.id = j.practitioner_id
CROSS JOIN LATERAL (
  SELECT count(*)::int AS steps, count(s.completed_at)::int AS steps_done
  FROM journey_steps s WHERE s.tenant_id = $1 AND s.journey_id = j.id AND NOT s.placeholder) s
WHERE j.tenant_id = $1 AND j.id = ANY ($2::uuid[])`;

const stepSql = `
SELECT s.id, ${isTest('j')} AS is_test, s.journey_id, j.journey_type, s.step_type, s.stage, ${department},
  j.practitioner_id, j.patient_id, s.due_at, s.completed_at,
  CASE WHEN j.entered_in_error THEN 'entered_in_error'
    -- Known by a reference alone: nobody has asked for it yet.
    WHEN s.placeholder THEN 'dropped'
    WHEN s.completed_at IS NOT NULL THEN 'completed'
    WHEN j.status IN ('completed', 'canceled') THEN 'dropped'
    ELSE 'open' END AS status,
  -- By the order in which steps were done, whatever their plan was; after the last one it is the journey that goes on.
  CASE WHEN n.completed_at IS NOT NULL THEN n.completed_at WHEN j.status = 'completed' THEN j.ended_at END AS advanced_at
FROM journeys j
JOIN journey_steps s ON s.tenant_id = $1 AND s.journey_id = j.id
LEFT JOIN practitioners p ON p.tenant_id = $1 AND p.id = j.practitioner_id
LEFT JOIN LATERAL (
  SELECT n.completed_at FROM journey_steps n
  WHERE n.tenant_id = $1 AND n.journey_id = j.id AND NOT n.placeholder AND (n.completed_at, n.id) > (s.completed_at, s.id)
  ORDER BY n.completed_at, n.id LIMIT 1) n ON true
WHERE j.tenant_id = $1 AND j.id = ANY ($2::uuid[])`;
