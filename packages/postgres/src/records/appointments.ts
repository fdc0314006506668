import type { Queryable } from '../pool.ts';
import { createUpsert, type Row } from '../rows.ts';

/** Writes whole appointments by id; `during` follows from the other columns. An overlap is refused with 23P01, and with it all rows of the call. */
export const upsertAppointments = createUpsert(
  'appointments',
  ['tenant_id', 'id'],
  [
    'patient_id',
    'original_patient_id',
    'practitioner_id',
    'location_id',
    'appointment_type_id',
    'status',
    'starts_at',
    'ends_at',
    'buffer_before_minutes',
    'buffer_after_minutes',
    'conflict',
    'hold_expires_at',
    'moves',
    'moved_at',
    'reason',
    'cancelled_by',
    'cancel_reason',
    'booked_at',
    'booking_time_unknown',
    'confirmed_at',
    'checked_in_at',
    'completed_at',
    'cancelled_at',
    'confirmation_code',
    'channel',
    'fee_minor',
    'fee_currency',
    'call_id',
    'tool_call_id',
    'conversation_id',
    'source',
    'external_id',
    'placeholder',
    'entered_in_error',
    'twin_of',
    'version',
  ],
);

/** A stored appointment, with what was done to it here and not by the clinic's system. */
export interface StoredAppointment {
  row: Row;
  /** When its status, and its time or place, were last changed here; null: never. */
  own_status_at: Date | null;
  own_time_at: Date | null;
  /** Moves made here. */
  own_moves: { start: number; at: number; version: number }[];
}

/** Appointments by id. */
export async function loadAppointments(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<StoredAppointment[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<StoredAppointment>(
    `SELECT to_jsonb(a) AS row, h.own_status_at, h.own_time_at, coalesce(h.own_moves, '[]') AS own_moves
     FROM appointments a
     CROSS JOIN LATERAL (
       SELECT max(h.occurred_at) AS own_status_at,
         max(h.occurred_at) FILTER (WHERE h.change IN ('held', 'booked', 'moved')) AS own_time_at,
         jsonb_agg(jsonb_build_object('start', extract(epoch FROM h.starts_at) * 1000,
           'at', extract(epoch FROM h.occurred_at) * 1000, 'version', h.version)) FILTER (WHERE h.change = 'moved') AS own_moves
       FROM appointment_history h
       WHERE h.tenant_id = $1 AND h.appointment_id = a.id AND h.actor_kind NOT IN ('clinic_system', 'system')) h
     WHERE a.tenant_id = $1 AND a.id = ANY ($2::uuid[])`,
    [tenantId, ids],
  );
  return rows;
}

/** Where an appointment keeps its practitioner's time; times are Unix ms, buffers included. */
export interface Occupied {
  practitionerId: string;
  from: number;
  to: number;
}

/**
 * All appointments that keep a practitioner's time and hang together with one of these spans, by overlaps of overlaps.
 * None is longer than a day, nor is a buffer.
 */
export async function loadOverlapping(
  client: Queryable,
  tenantId: string,
  spans: readonly Occupied[],
): Promise<Row[]> {
  if (spans.length === 0) return [];
  const { rows } = await client.query<{ row: Row }>(overlappingSql, [
    tenantId,
    JSON.stringify(
      spans.map(({ practitionerId, from, to }) => ({
        practitioner_id: practitionerId,
        from: new Date(from),
        to: new Date(to),
      })),
    ),
  ]);
  return rows.map(({ row }) => row);
}

// By start alone: the operators of ranges are not leakproof, and no index of theirs is used under row-level security. OFFSET 0:
// each span is looked up by itself. In a join adding an interval is not leakproof either, and all appointments of the
// practitioner, or of the clinic while the table has no statistics, would be read.
const overlappingSql = `
WITH RECURSIVE spans AS (
  SELECT NULL::uuid AS id, s.practitioner_id, s.from, s.to
  FROM jsonb_to_recordset($2::jsonb) AS s (practitioner_id uuid, "from" timestamptz, "to" timestamptz)
  UNION
  SELECT a.id, a.practitioner_id, a.from, a.to
  FROM spans s CROSS JOIN LATERAL (
    SELECT b.id, b.practitioner_id, lower(b.during) AS from, upper(b.during) AS to FROM appointments b
    WHERE b.tenant_id = $1 AND b.practitioner_id = s.practitioner_id
      AND b.starts_at < s.to + interval '1 day' AND b.starts_at > s.from - interval '2 days'
      AND lower(b.during) < s.to AND upper(b.during) > s.from
      AND b.status IN ('held', 'scheduled', 'confirmed', 'checked_in') AND NOT b.entered_in_error
    OFFSET 0) a
)
SELECT to_jsonb(a) AS row FROM appointments a
WHERE a.tenant_id = $1 AND a.id = ANY (ARRAY (SELECT id FROM spans WHERE id IS NOT NULL))`;

/** Says of appointments that they overlap nothing that stands any more. */
export async function clearConflicts(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await client.query(
    'UPDATE appointments SET conflict = false WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND conflict',
    [tenantId, ids],
  );
}

/** Removes holds, with their history: those that are over, or were let go. */
export async function deleteHolds(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await client.query(
    `DELETE FROM appointments WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND status = 'held'`,
    [tenantId, ids],
  );
}

/** Adds what appointments were after a version. */
export async function insertAppointmentHistory(client: Queryable, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO appointment_history (${historyColumns})
     SELECT ${historyColumns} FROM jsonb_populate_recordset(NULL::appointment_history, $1::jsonb)`,
    [JSON.stringify(rows)],
  );
}

const historyColumns =
  'tenant_id, appointment_id, version, change, occurred_at, actor_kind, actor_id, event_id, status, starts_at, ends_at, practitioner_id, location_id';

/** Of these appointments those that have rows. */
export async function loadExistingAppointments(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM appointments WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
    [tenantId, ids],
  );
  return new Set(rows.map((row) => row.id));
}
