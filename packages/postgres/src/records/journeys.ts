import type { Queryable } from '../pool.ts';
import { createUpsert } from '../rows.ts';

/** Writes whole journeys by id. */
export const upsertJourneys = createUpsert(
  'journeys',
  ['tenant_id', 'id'],
  [
    'patient_id',
    'original_patient_id',
    'practitioner_id',
    'department_id',
    'journey_type',
    'stage',
    'status',
    'started_at',
    'ended_at',
    'pauses',
    'resumes',
    'source',
    'external_id',
    'placeholder',
    'entered_in_error',
    'version',
  ],
);

/** Writes whole steps by id, after their journeys. */
export const upsertJourneySteps = createUpsert(
  'journey_steps',
  ['tenant_id', 'id'],
  [
    'journey_id',
    'name',
    'position',
    'step_type',
    'stage',
    'due_at',
    'completed_at',
    'appointment_id',
    'source',
    'external_id',
    'placeholder',
  ],
);

/** Gives steps the appointments they waited for, which have rows now. @returns the journeys of these steps */
export async function linkAwaitingSteps(
  client: Queryable,
  tenantId: string,
  appointmentIds: readonly string[],
): Promise<string[]> {
  if (appointmentIds.length === 0) return [];
  const { rows } = await client.query<{ journey_id: string }>(
    `WITH waiting AS (
       SELECT entity_id, awaits FROM record_states WHERE tenant_id = $1 AND awaits = ANY ($2::uuid[])
     ), done AS (
       UPDATE record_states SET awaits = NULL WHERE tenant_id = $1 AND awaits = ANY ($2::uuid[])
     )
     UPDATE journey_steps s SET appointment_id = w.awaits FROM waiting w
     WHERE s.tenant_id = $1 AND s.id = w.entity_id RETURNING s.journey_id`,
    [tenantId, appointmentIds],
  );
  return rows.map((row) => row.journey_id);
}
