import { createUpsert } from '../rows.ts';

/** Writes whole locations by id. */
export const upsertLocations = createUpsert(
  'locations',
  ['tenant_id', 'id'],
  ['name', 'time_zone', 'external_id', 'source', 'active', 'placeholder', 'merge_state'],
);

/** Writes whole practitioners by id. */
export const upsertPractitioners = createUpsert(
  'practitioners',
  ['tenant_id', 'id'],
  [
    'display_name',
    'specialty',
    'department_id',
    'active',
    'external_id',
    'source',
    'placeholder',
    'merge_state',
  ],
);

/** Writes whole weekly rules by id. */
export const upsertSchedules = createUpsert(
  'practitioner_schedules',
  ['tenant_id', 'id'],
  [
    'practitioner_id',
    'location_id',
    'weekday',
    'starts',
    'ends',
    'valid_from',
    'valid_to',
    'source',
    'external_id',
    'merge_state',
  ],
);

/** Writes whole exceptions of one date by id. */
export const upsertScheduleExceptions = createUpsert(
  'schedule_exceptions',
  ['tenant_id', 'id'],
  [
    'practitioner_id',
    'location_id',
    'kind',
    'local_date',
    'starts',
    'ends',
    'source',
    'external_id',
    'merge_state',
  ],
);
