import type { Queryable } from '../pool.ts';

/** What a clinic decides about a kind of visit; minutes. */
export interface AppointmentTypeSettings {
  name: string;
  duration_minutes: number;
  buffer_before_minutes: number;
  buffer_after_minutes: number;
  lead_time_minutes: number;
  active: boolean;
}

export interface AppointmentTypeRow extends AppointmentTypeSettings {
  id: string;
  /** The clinic system's own id; null: that system does not number it. */
  external_id: string | null;
  updated_at: Date;
}

const fields = [
  'name',
  'duration_minutes',
  'buffer_before_minutes',
  'buffer_after_minutes',
  'lead_time_minutes',
  'active',
] as const satisfies (keyof AppointmentTypeSettings)[];

/** The clinic's kinds of visits by name, those that can be booked first. */
export async function listAppointmentTypes(db: Queryable, tenantId: string): Promise<AppointmentTypeRow[]> {
  const { rows } = await db.query<AppointmentTypeRow>(
    `SELECT id, ${fields.join(', ')}, external_id, updated_at FROM appointment_types WHERE tenant_id = $1
     ORDER BY NOT active, lower(name), id`,
    [tenantId],
  );
  return rows;
}

/** Adds a kind of visit. */
export async function addAppointmentType(
  db: Queryable,
  tenantId: string,
  id: string,
  type: AppointmentTypeSettings,
): Promise<void> {
  await db.query(
    `INSERT INTO appointment_types (tenant_id, id, ${fields.join(', ')}, name_set) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, true)`,
    [tenantId, id, ...fields.map((field) => type[field])],
  );
}

/** Lets a kind of visit be booked no more; nothing else is said of it. */
export async function retireAppointmentType(db: Queryable, tenantId: string, id: string): Promise<void> {
  await db.query('UPDATE appointment_types SET active = false WHERE tenant_id = $1 AND id = $2', [
    tenantId,
    id,
  ]);
}

/** Replaces what is decided about a kind of visit; what it costs is the clinic's system's to say. */
export async function changeAppointmentType(
  db: Queryable,
  tenantId: string,
  id: string,
  type: AppointmentTypeSettings,
): Promise<void> {
  await db.query(
    `UPDATE appointment_types SET ${fields.map((field, index) => `${field} = $${index + 3}`).join(', ')}, duration_told = true,
       name_set = name_set OR name <> $3
     WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id, ...fields.map((field) => type[field])],
  );
}
