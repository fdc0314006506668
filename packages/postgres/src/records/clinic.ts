import type { Queryable } from '../pool.ts';
import { createUpsert } from '../rows.ts';

/** Writes whole locations by id. */
export const upsertLocations = createUpsert(
  'locations',
  ['tenant_id', 'id'],
  ['name', 'time_zone', 'rooms', 'external_id', 'source', 'active', 'placeholder'],
);

/** Writes whole practitioners by id. */
export const upsertPractitioners = createUpsert(
  'practitioners',
  ['tenant_id', 'id'],
  ['display_name', 'specialty', 'department_id', 'active', 'external_id', 'source', 'placeholder'],
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
    'time_zone',
    'slot_minutes',
    'appointment_type_ids',
    'source',
    'external_id',
    'schedule_id',
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
    'time_zone',
    'source',
    'external_id',
    'schedule_id',
  ],
);

/** Writes whole types by id. */
export const upsertAppointmentTypes = createUpsert(
  'appointment_types',
  ['tenant_id', 'id'],
  [
    'name',
    'duration_minutes',
    'duration_told',
    'buffer_before_minutes',
    'buffer_after_minutes',
    'lead_time_minutes',
    'fee_minor',
    'fee_currency',
    'active',
    'external_id',
    'source',
  ],
);

/** Makes the departments that are not there yet, by a name in whatever case. @returns the ids of all named */
export async function ensureDepartments(
  client: Queryable,
  tenantId: string,
  named: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  if (named.size === 0) return new Map();
  const names = [...named.keys()];
  // Those that differ by case alone are from before: the one written as here is meant, or else the first.
  const find = `SELECT DISTINCT ON (n.name) n.name, d.id FROM unnest($2::text[]) AS n (name)
     JOIN departments d ON d.tenant_id = $1 AND lower(d.name) = lower(n.name) ORDER BY n.name, d.name = n.name DESC, d.id`;
  const { rows } = await client.query<{ name: string; id: string }>(find, [tenantId, names]);
  const found = new Map(rows.map(({ name, id }) => [name, id]));
  const missing = names.filter((name) => !found.has(name));
  if (missing.length === 0) return found;
  await client.query(
    `INSERT INTO departments (tenant_id, id, name)
     SELECT DISTINCT ON (lower(name)) $1::uuid, id, name FROM unnest($2::uuid[], $3::text[]) AS n (id, name) ORDER BY lower(name), id
     ON CONFLICT (tenant_id, name) DO NOTHING`,
    [tenantId, missing.map((name) => named.get(name)), missing],
  );
  const made = await client.query<{ name: string; id: string }>(find, [tenantId, missing]);
  return new Map([...found, ...made.rows.map(({ name, id }): [string, string] => [name, id])]);
}

/** Removes the rules and exceptions of these schedules, before they are written anew. */
export async function deleteScheduleRows(
  client: Queryable,
  tenantId: string,
  scheduleIds: readonly string[],
): Promise<void> {
  if (scheduleIds.length === 0) return;
  for (const table of ['practitioner_schedules', 'schedule_exceptions'])
    await client.query(`DELETE FROM ${table} WHERE tenant_id = $1 AND schedule_id = ANY ($2::uuid[])`, [
      tenantId,
      scheduleIds,
    ]);
}
