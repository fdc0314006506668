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
    'merge_state',
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
    'step_type',
    'position',
    'stage',
    'due_at',
    'completed_at',
    'appointment_id',
    'source',
    'external_id',
    'placeholder',
    'merge_state',
  ],
);
