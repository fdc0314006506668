import { z } from 'zod';

const affected = z
  .number()
  .describe('How many visits to come stand where nobody works. Nothing was done to them.');
const told = z.boolean().describe('Told by the clinic’s system, which alone changes it.');
const clock = z
  .string()
  .describe('HH:MM in wall time: of `time_zone` where hours have one, else of the location.');

const weeklyHours = z.object({
  location_id: z.string().nullable().describe('Null: the clinic’s system told no place.'),
  weekday: z.number(),
  starts: clock,
  ends: clock,
  valid_from: z.string().nullable(),
  valid_to: z.string().nullable(),
  time_zone: z
    .string()
    .nullable()
    .describe('IANA zone that the clinic’s system named; null: the location’s, or else the clinic’s.'),
  slot_minutes: z.number().nullable().describe('Length of their slots; null: as long as the visit.'),
  appointment_type_ids: z
    .array(z.string())
    .nullable()
    .describe('Kinds of visits that they are for alone; null: all.'),
  told,
});

export const practitioners = z.object({
  practitioners: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      external_id: z.string().nullable(),
      active: z.boolean(),
      hours: z.array(weeklyHours),
    }),
  ),
});

export const changedHours = z.object({ hours: z.array(weeklyHours), appointments_affected: affected });

const exception = z.object({
  date: z.string(),
  kind: z
    .enum(['closed', 'open', 'instead'])
    .describe('`open` is worked besides the weekly hours, `instead` in their place.'),
  location_id: z.string().nullable(),
  starts: clock,
  ends: clock,
  told,
});

export const exceptions = z.object({ exceptions: z.array(exception) });

export const changedExceptions = exceptions.extend({ appointments_affected: affected });

const closure = z.object({
  name: z.string().nullable(),
  location_id: z.string().nullable(),
  starts: clock,
  ends: clock,
});

export const holidays = z.object({
  holidays: z.array(z.object({ date: z.string(), closures: z.array(closure) })),
});

export const changedHoliday = z.object({
  date: z.string(),
  closures: z.array(closure),
  appointments_affected: affected,
});

const location = z.object({
  id: z.string(),
  name: z.string(),
  time_zone: z.string(),
  rooms: z.number().nullable().describe('Most visits there at one time; null: as many as practitioners.'),
  external_id: z.string().nullable(),
  active: z.boolean(),
});

export const locations = z.object({ locations: z.array(location) });

export const changedRooms = location.extend({
  appointments_affected: z
    .number()
    .describe(
      'How many visits to come are there while more are than there are rooms. Nothing was done to them.',
    ),
});
