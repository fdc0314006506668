import type { AppointmentTypeRow } from '@switchboard/postgres/api/appointment-types';
import { z } from 'zod';
import { line } from '../paging/parameters.ts';

/** A visit lasts a day at most, and a lead time no longer than one search for slots looks. */
const [dayMinutes, farthestMinutes] = [1_440, 92 * 1_440];

const minutes = (most: number, least = 0) => z.int().min(least).max(most);

const fields = {
  name: line(200).describe('What patients and the voice agent call it.'),
  duration_minutes: minutes(dayMinutes, 1),
  buffer_before_minutes: minutes(dayMinutes).default(0).describe('Kept free before it.'),
  buffer_after_minutes: minutes(dayMinutes).default(0).describe('Kept free after it.'),
  lead_time_minutes: minutes(farthestMinutes)
    .default(0)
    .describe('How long before its start it must be booked; the front desk may book until the last minute.'),
  active: z.boolean().default(true).describe('Whether it can be booked.'),
};

/** Body of `POST /settings/appointment-types`, and of `PUT` of one: all of it, what is left out is as by default. */
export const appointmentTypeBody = z.strictObject(fields);

export const appointmentType = z.object({
  id: z.string(),
  name: z.string(),
  duration_minutes: z.number(),
  buffer_before_minutes: z.number(),
  buffer_after_minutes: z.number(),
  lead_time_minutes: z.number(),
  active: z.boolean(),
  external_id: z.string().nullable().describe('The clinic system’s own id of it.'),
  updated_at: z.string(),
});

export const appointmentTypes = z.object({ appointment_types: z.array(appointmentType) });

export function presentAppointmentType(row: AppointmentTypeRow): z.infer<typeof appointmentType> {
  return { ...row, updated_at: row.updated_at.toISOString() };
}
