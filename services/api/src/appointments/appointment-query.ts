import { appointmentStates } from '@switchboard/domain/records/appointment-states';
import type { AppointmentListOptions } from '@switchboard/postgres/api/appointment-list';
import { z } from 'zod';
import { cursorParameter, instantInCursor } from '../paging/cursor.ts';
import { instant, instantOf, line, listOf, moment, whole, yesOrNo } from '../paging/parameters.ts';

const place = z.strictObject({
  at: instantInCursor,
  id: z.uuid(),
  /** Of a page by time of writing: what the first page promised. */
  until: instantInCursor.optional(),
});

/** Parameters of `GET /appointments`. */
export const appointmentQuery = z.strictObject({
  status: listOf(appointmentStates).describe('All but `held` unless given.'),
  channel: listOf(['voice', 'whatsapp', 'web', 'desk', 'import']),
  practitioner_id: z.uuid().optional(),
  location_id: z.uuid().optional(),
  appointment_type_id: z.uuid().optional(),
  patient_id: z.uuid().optional(),
  conflict: yesOrNo.describe('Whether the clinic’s system told it over another.'),
  code: line(40)
    .transform((text) => text.toUpperCase())
    .optional()
    .describe('The confirmation code.'),
  from: moment.describe('Those that start then or later; a date is the clinic’s.'),
  to: moment.describe('Those that start before; a date counts to its end.'),
  updated_since: instant
    .optional()
    .describe(
      'Those written then or later, in the order of writing, errors too: `next_since` of the last answer, so that nothing is missed. Some may come twice.',
    ),
  limit: whole(500, 1).default(100),
  cursor: cursorParameter(place),
});

export type AppointmentQuery = z.infer<typeof appointmentQuery>;

/** The query in terms of the records; dates become the clinic's days. One row more than a page tells of the next. */
export function toAppointmentListOptions(query: AppointmentQuery, zone: string): AppointmentListOptions {
  return {
    filter: {
      status: query.status,
      channel: query.channel,
      practitionerId: query.practitioner_id,
      locationId: query.location_id,
      appointmentTypeId: query.appointment_type_id,
      patientId: query.patient_id,
      conflict: query.conflict,
      confirmationCode: query.code,
      from: query.from === undefined ? undefined : instantOf(query.from, zone, 0),
      to: query.to === undefined ? undefined : instantOf(query.to, zone, 1),
    },
    updatedSince: query.updated_since,
    limit: query.limit + 1,
    after: query.cursor,
  };
}
