import { appointmentStates } from '@switchboard/domain/records/appointment-states';
import type { AppointmentListRow } from '@switchboard/postgres/api/appointment-list';
import { z } from 'zod';
import type { Reader } from '../calls/present-call.ts';

const text = z.string().nullable();
const instant = text.describe('RFC 3339.');
const phi = (of: string) => text.describe(`${of}; null for those who may not see it.`);
const named = z
  .object({ id: z.string(), name: text, external_id: text.describe('The clinic system’s id.') })
  .nullable();

export const appointment = z.object({
  id: z.string(),
  status: z.enum(appointmentStates),
  start: z.string(),
  end: z.string(),
  patient: z
    .object({
      id: z.string(),
      first_name: phi('First name'),
      last_name: phi('Last name'),
      external_id: phi('The clinic system’s id'),
    })
    .nullable(),
  practitioner: named,
  location: named,
  appointment_type: z.object({ id: z.string(), name: text }).nullable(),
  channel: z.string().describe('Where it was booked.'),
  source: text.describe('The clinic system that knows it.'),
  external_id: phi('That system’s id'),
  confirmation_code: phi('What names it to the voice agent'),
  conflict: z.boolean().describe('Told by the clinic’s system though it overlaps another.'),
  entered_in_error: z.boolean(),
  moves: z.number(),
  reason: phi('As told'),
  cancelled_by: text,
  cancel_reason: phi('Why it was cancelled, as told'),
  call_id: text,
  conversation_id: text,
  booked_at: instant,
  confirmed_at: instant,
  checked_in_at: instant,
  completed_at: instant,
  cancelled_at: instant,
  version: z.number(),
  created_at: z.string(),
  updated_at: z.string(),
});

export const appointmentList = z.object({
  appointments: z.array(appointment),
  next_cursor: text,
  next_since: text.describe(
    'With `updated_since`, on the last page: what to ask with next. Never later than the start of a write that was under way.',
  ),
});

export type Appointment = z.infer<typeof appointment>;

const stateOf = z.enum(appointmentStates);

export function presentAppointment(row: AppointmentListRow, { seesPhi }: Reader): Appointment {
  const shown = (value: string | null) => (seesPhi ? value : null);
  const iso = (instant: Date | null) => instant?.toISOString() ?? null;
  return {
    id: row.id,
    status: stateOf.parse(row.status),
    start: row.starts_at.toISOString(),
    end: row.ends_at.toISOString(),
    patient:
      row.patient_id === null
        ? null
        : {
            id: row.patient_id,
            first_name: shown(row.patient_first_name),
            last_name: shown(row.patient_last_name),
            external_id: shown(row.patient_external_id),
          },
    practitioner:
      row.practitioner_id === null
        ? null
        : {
            id: row.practitioner_id,
            name: row.practitioner_name,
            external_id: row.practitioner_external_id,
          },
    location:
      row.location_id === null
        ? null
        : {
            id: row.location_id,
            name: row.location_name,
            external_id: row.location_external_id,
          },
    appointment_type:
      row.appointment_type_id === null
        ? null
        : {
            id: row.appointment_type_id,
            name: row.appointment_type_name,
          },
    channel: row.channel,
    source: row.source,
    external_id: shown(row.external_id),
    confirmation_code: shown(row.confirmation_code),
    conflict: row.conflict,
    entered_in_error: row.entered_in_error,
    moves: row.moves,
    reason: shown(row.reason),
    cancelled_by: row.cancelled_by,
    cancel_reason: shown(row.cancel_reason),
    call_id: row.call_id,
    conversation_id: row.conversation_id,
    booked_at: iso(row.booked_at),
    confirmed_at: iso(row.confirmed_at),
    checked_in_at: iso(row.checked_in_at),
    completed_at: iso(row.completed_at),
    cancelled_at: iso(row.cancelled_at),
    version: row.version,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
