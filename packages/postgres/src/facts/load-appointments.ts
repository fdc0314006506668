import type { AppointmentRecord } from '@switchboard/domain/facts/appointment';
import type { Queryable } from '../pool.ts';
import { beganAt, hasCome, isCounted, isTest, lostAt, madeAt, overlaps } from './counted.ts';

/** An appointment's record for its fact; whether it was booked after hours follows from `createdAt`. */
export interface LoadedAppointment {
  id: string;
  record: Omit<AppointmentRecord, 'bookedAfterHours'>;
}

/** Reads appointments as their facts state them, with what the patient's and practitioner's others say. */
export async function loadAppointments(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<LoadedAppointment[]> {
  const { rows } = await client.query<AppointmentRow>(appointmentSql, [tenantId, ids]);
  return rows.map((row) => ({
    id: row.id,
    record: {
      status: row.entered_in_error ? 'entered_in_error' : row.placeholder ? 'held' : row.status,
      isTest: row.is_test,
      startsAt: row.starts_at.getTime(),
      endsAt: row.ends_at.getTime(),
      createdAt: row.made_at.getTime(),
      bookingTimeUnknown: row.booking_time_unknown,
      channel: row.channel,
      appointmentType: row.appointment_type_id,
      practitionerId: row.practitioner_id,
      departmentId: row.department_id,
      locationId: row.location_id,
      patientId: row.patient_id,
      confirmedAt: row.confirmed_at?.getTime() ?? null,
      checkedInAt: row.checked_in_at?.getTime() ?? null,
      cancelledAt: row.cancelled_at?.getTime() ?? null,
      cancelledBy: row.cancelled_by,
      moves: row.moves,
      bookedByAi: row.booked_by_ai,
      feeMinor: row.fee_minor,
      feeCurrency: row.fee_currency,
      firstAppointment: row.first_appointment,
      firstEvent: row.first_event,
      contactsBefore: row.contacts_before,
      rebookedWithin30Days: row.rebooked,
      returnedWithin90Days: row.returned,
      slotRefilledAt: row.refilled_at?.getTime() ?? null,
      overlaps: row.overlaps,
    },
  }));
}

interface AppointmentRow {
  id: string;
  status: Exclude<AppointmentRecord['status'], 'entered_in_error'>;
  placeholder: boolean;
  entered_in_error: boolean;
  is_test: boolean;
  starts_at: Date;
  ends_at: Date;
  made_at: Date;
  booking_time_unknown: boolean;
  channel: string;
  appointment_type_id: string | null;
  practitioner_id: string | null;
  department_id: string | null;
  location_id: string | null;
  patient_id: string | null;
  confirmed_at: Date | null;
  checked_in_at: Date | null;
  cancelled_at: Date | null;
  cancelled_by: 'patient' | 'clinic' | null;
  moves: number;
  booked_by_ai: boolean;
  fee_minor: number | null;
  fee_currency: string | null;
  first_appointment: boolean;
  first_event: boolean;
  contacts_before: number;
  rebooked: boolean;
  returned: boolean;
  refilled_at: Date | null;
  overlaps: number;
}

/** When an appointment took the time it has: it was made for it, or last moved to it. */
const takenAt = `CASE WHEN b.moves = 0 THEN ${madeAt('b')} ELSE greatest(${madeAt('b')}, coalesce(b.moved_at, (
  SELECT max(h.occurred_at) FROM appointment_history h
  WHERE h.tenant_id = $1 AND h.appointment_id = b.id AND h.change = 'moved'))) END`;

const appointmentSql = `
SELECT a.id, a.status, a.placeholder, a.entered_in_error, ${isTest('a')} AS is_test, a.starts_at, a.ends_at, a.made_at, a.booking_time_unknown,
  a.channel, a.appointment_type_id, a.practitioner_id, p.department_id, a.location_id, a.patient_id, a.confirmed_at,
  a.checked_in_at, a.cancelled_at, a.cancelled_by, a.moves,
  -- The assistant takes the calls: what a call booked, or a tool, it did. Bookings by phone at the desk name no call.
  a.tool_call_id IS NOT NULL OR (a.call_id IS NOT NULL AND a.channel = 'voice') AS booked_by_ai,
  coalesce(a.fee_minor, y.fee_minor) AS fee_minor,
  CASE WHEN a.fee_minor IS NULL THEN y.fee_currency ELSE a.fee_currency END AS fee_currency,
  a.patient_id IS NOT NULL AND previous.made_at IS NULL AS first_appointment,
  -- A booking of the same instant as a conversation came from it.
  a.patient_id IS NOT NULL AND previous.made_at IS NULL AND NOT EXISTS (
    SELECT FROM conversations k
    WHERE k.tenant_id = $1 AND k.patient_id = a.patient_id AND ${beganAt('k')} <= a.made_at) AS first_event,
  (SELECT count(*)::int FROM conversations k
   WHERE k.tenant_id = $1 AND k.patient_id = a.patient_id AND ${beganAt('k')} <= a.made_at
     AND ${beganAt('k')} > coalesce(previous.made_at, '-infinity')) AS contacts_before,
  a.lost AND EXISTS (
    SELECT FROM appointments b
    WHERE b.tenant_id = $1 AND b.patient_id = a.patient_id AND ${isCounted('b')} AND b.id <> a.id
      AND ${madeAt('b')} > a.lost_at AND ${madeAt('b')} <= a.lost_at + interval '720 hours') AS rebooked,
  a.status = 'completed' AND EXISTS (
    SELECT FROM appointments b
    WHERE b.tenant_id = $1 AND b.patient_id = a.patient_id AND ${isCounted('b')} AND ${hasCome('b')}
      AND (b.starts_at, b.id) > (a.starts_at, a.id) AND b.starts_at <= a.starts_at + interval '2160 hours') AS returned,
  CASE WHEN a.lost THEN (
    SELECT min(taken.at) FROM (
      SELECT ${takenAt} AS at FROM appointments b
      WHERE b.tenant_id = $1 AND b.practitioner_id = a.practitioner_id AND ${isCounted('b')} AND b.status <> 'cancelled'
        AND b.id <> a.id AND (b.patient_id = a.patient_id) IS NOT TRUE AND ${overlaps('b', 'a')} AND NOT ${isTest('b')}) taken
    WHERE taken.at >= a.freed_at) END AS refilled_at,
  CASE WHEN a.lost THEN 0 ELSE (
    SELECT count(*)::int FROM appointments b
    WHERE b.tenant_id = $1 AND b.practitioner_id = a.practitioner_id AND ${isCounted('b')}
      AND b.status NOT IN ('cancelled', 'no_show') AND (b.starts_at, b.id) < (a.starts_at, a.id)
      AND ${overlaps('b', 'a')} AND NOT ${isTest('b')}) END AS overlaps
FROM (
  SELECT a.*, ${madeAt('a')} AS made_at, a.status IN ('cancelled', 'no_show') AS lost, ${lostAt('a')} AS lost_at,
    -- A slot that was never known to be given up was not free for anybody.
    CASE a.status WHEN 'cancelled' THEN a.cancelled_at WHEN 'no_show' THEN a.starts_at END AS freed_at
  FROM appointments a WHERE a.tenant_id = $1 AND a.id = ANY ($2::uuid[])) a
LEFT JOIN practitioners p ON p.tenant_id = $1 AND p.id = a.practitioner_id
LEFT JOIN appointment_types y ON y.tenant_id = $1 AND y.id = a.appointment_type_id
LEFT JOIN LATERAL (
  SELECT ${madeAt('b')} AS made_at FROM appointments b
  WHERE b.tenant_id = $1 AND b.patient_id = a.patient_id AND ${isCounted('b')}
    AND (${madeAt('b')}, b.id) < (a.made_at, a.id)
  ORDER BY ${madeAt('b')} DESC, b.id DESC LIMIT 1) previous ON true`;
