import { clinicNumberSql } from '../people/answered-patients.ts';
import type { Queryable } from '../pool.ts';

export interface AppointmentFilter {
  status?: readonly string[];
  channel?: readonly string[];
  practitionerId?: string;
  locationId?: string;
  appointmentTypeId?: string;
  patientId?: string;
  conflict?: boolean;
  confirmationCode?: string;
  /** This one, whatever its state. */
  id?: string;
  /** By start. */
  from?: Date;
  /** The first start that no longer counts. */
  to?: Date;
}

export interface AppointmentPlace {
  /** Of the order, to the microsecond. */
  at: string;
  id: string;
}

export interface AppointmentListRow {
  id: string;
  status: string;
  starts_at: Date;
  ends_at: Date;
  patient_id: string | null;
  patient_first_name: string | null;
  patient_last_name: string | null;
  patient_external_id: string | null;
  practitioner_id: string | null;
  practitioner_name: string | null;
  practitioner_external_id: string | null;
  location_id: string | null;
  location_name: string | null;
  location_external_id: string | null;
  appointment_type_id: string | null;
  appointment_type_name: string | null;
  channel: string;
  source: string | null;
  external_id: string | null;
  confirmation_code: string | null;
  conflict: boolean;
  entered_in_error: boolean;
  moves: number;
  reason: string | null;
  cancelled_by: string | null;
  cancel_reason: string | null;
  call_id: string | null;
  conversation_id: string | null;
  booked_at: Date | null;
  confirmed_at: Date | null;
  checked_in_at: Date | null;
  completed_at: Date | null;
  cancelled_at: Date | null;
  version: number;
  created_at: Date;
  updated_at: Date;
  starts_place: string;
  updated_place: string;
}

export interface AppointmentListOptions {
  filter: AppointmentFilter;
  limit: number;
  /** What was shown last. */
  after?: AppointmentPlace;
  /** RFC 3339: what was written then or later, in the order of writing. Otherwise by start. */
  updatedSince?: string;
}

/** Appointments of the open transaction's tenant. Holds are shown only where they are asked for. */
export async function listAppointments(
  db: Queryable,
  tenantId: string,
  { filter, limit, after, updatedSince }: AppointmentListOptions,
): Promise<AppointmentListRow[]> {
  const values: unknown[] = [tenantId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const order = updatedSince === undefined ? 'a.starts_at' : 'a.updated_at';
  const where = conditions(filter, add);
  if (updatedSince !== undefined) where.push(`a.updated_at >= ${add(updatedSince)}::timestamptz`);
  else if (filter.confirmationCode === undefined && filter.id === undefined)
    where.push('NOT a.entered_in_error');
  if (after) where.push(`(${order}, a.id) > (${add(after.at)}::timestamptz, ${add(after.id)}::uuid)`);
  const { rows } = await db.query<AppointmentListRow>(
    `SELECT ${columns} FROM appointments a
     LEFT JOIN patients p ON p.tenant_id = a.tenant_id AND p.id = a.patient_id
     LEFT JOIN practitioners d ON d.tenant_id = a.tenant_id AND d.id = a.practitioner_id
     LEFT JOIN locations l ON l.tenant_id = a.tenant_id AND l.id = a.location_id
     LEFT JOIN appointment_types y ON y.tenant_id = a.tenant_id AND y.id = a.appointment_type_id
     WHERE ${where.join(' AND ')} ORDER BY ${order}, a.id LIMIT ${add(limit)}`,
    values,
  );
  return rows;
}

const columns = `a.id, a.status, a.starts_at, a.ends_at, a.patient_id, p.first_name AS patient_first_name,
  p.last_name AS patient_last_name, ${clinicNumberSql} AS patient_external_id, a.practitioner_id,
  d.display_name AS practitioner_name, d.external_id AS practitioner_external_id, a.location_id, l.name AS location_name,
  l.external_id AS location_external_id, a.appointment_type_id, y.name AS appointment_type_name, a.channel, a.source,
  a.external_id, a.confirmation_code, a.conflict, a.entered_in_error, a.moves, a.reason, a.cancelled_by, a.cancel_reason, a.call_id,
  a.conversation_id, a.booked_at, a.confirmed_at, a.checked_in_at, a.completed_at, a.cancelled_at, a.version,
  a.created_at, a.updated_at, a.starts_at::text AS starts_place, a.updated_at::text AS updated_place`;

function conditions(filter: AppointmentFilter, add: (value: unknown) => string): string[] {
  const where = ['a.tenant_id = $1', 'NOT a.placeholder'];
  if (filter.id !== undefined) where.push(`a.id = ${add(filter.id)}::uuid`);
  else if (filter.status) where.push(`a.status = ANY (${add(filter.status)}::text[])`);
  else where.push(`a.status <> 'held'`);
  if (filter.channel) where.push(`a.channel = ANY (${add(filter.channel)}::text[])`);
  for (const [column, id] of [
    ['practitioner_id', filter.practitionerId],
    ['location_id', filter.locationId],
    ['appointment_type_id', filter.appointmentTypeId],
    ['patient_id', filter.patientId],
  ] as const)
    if (id !== undefined) where.push(`a.${column} = ${add(id)}::uuid`);
  if (filter.conflict !== undefined) where.push(`a.conflict = ${add(filter.conflict)}`);
  if (filter.confirmationCode !== undefined)
    where.push(`a.confirmation_code = ${add(filter.confirmationCode)}`);
  if (filter.from) where.push(`a.starts_at >= ${add(filter.from)}`);
  if (filter.to) where.push(`a.starts_at < ${add(filter.to)}`);
  return where;
}
