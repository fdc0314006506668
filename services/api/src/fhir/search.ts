import { addDays, isLocalDate } from '@switchboard/domain/periods/local-date';
import { localDateAt, startOfDay } from '@switchboard/domain/periods/zone';
import {
  type AppointmentState,
  appointmentStates,
  fhirStatus,
} from '@switchboard/domain/records/appointment-states';
import { z } from 'zod';
import { moment, whole } from '../paging/parameters.ts';

/** How many resources a page has at most. */
export const mostOnPage = 200;

/** From an instant to another that is no part of it, Unix ms. */
export interface Stretch {
  from: number;
  to: number;
}

const prefixes = ['eq', 'ge', 'gt', 'le', 'lt'];

/** `2026-12-01`, `ge2026-12-01T09:00:00+05:30`: @see https://hl7.org/fhir/R4/search.html#date */
const dated = z.string().refine((text) => moment.safeParse(withoutPrefix(text)).success, {
  error: 'must be a date or an instant with its offset, behind eq, ge, gt, le, lt or nothing',
});
const dates = z
  .union([dated, z.array(dated).max(4)])
  .transform((given) => [given].flat())
  .optional()
  .describe('Days of the clinic or instants, e.g. `ge2026-12-01`; today where none is named.');

/** `Practitioner/ID`, or the id alone. */
export const referenceTo = (kind: string) =>
  z
    .string()
    .transform((text) => text.replace(`${kind}/`, ''))
    .pipe(z.uuid(`must be an id, or ${kind}/ and an id`))
    .optional();

const common = {
  _count: whole(mostOnPage, 1).default(mostOnPage),
  _format: z.string().max(60).optional().describe('It is always JSON.'),
};
const statuses = [...new Set(Object.values(fhirStatus))];

export const scheduleSearch = z.strictObject({
  ...common,
  actor: referenceTo('Practitioner'),
  practitioner: referenceTo('Practitioner'),
  date: dates.describe('A schedule is open at any.'),
});
export const slotSearch = z.strictObject({
  ...common,
  start: dates,
  date: dates,
  schedule: referenceTo('Schedule'),
  practitioner: referenceTo('Practitioner'),
  status: z.string().max(100).optional().describe('None but `free` are told.'),
});
export const appointmentSearch = z.strictObject({
  ...common,
  date: dates,
  practitioner: referenceTo('Practitioner'),
  actor: referenceTo('Practitioner'),
  location: referenceTo('Location'),
  patient: referenceTo('Patient'),
  status: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(statuses)))
    .optional()
    .describe('One or several with commas; all but `pending` where none is named.'),
});

/** The time that all dates of a search leave; of one that names none, today. */
export function stretchOf(given: readonly string[] | undefined, zone: string, now: number): Stretch {
  const all: Stretch = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  return (given ?? [localDateAt(now, zone)]).reduce((left, text) => {
    const one = stretchNamed(text, zone);
    return { from: Math.max(left.from, one.from), to: Math.min(left.to, one.to) };
  }, all);
}

/** Our states of those that FHIR names. */
export function statesOf(named: readonly string[] | undefined): AppointmentState[] | undefined {
  return named && appointmentStates.filter((state) => named.includes(fhirStatus[state]));
}

function stretchNamed(text: string, zone: string): Stretch {
  const value = withoutPrefix(text);
  const prefix = value === text ? 'eq' : text.slice(0, 2);
  const begins = isLocalDate(value) ? startOfDay(value, zone) : Date.parse(value);
  const ends = isLocalDate(value) ? startOfDay(addDays(value, 1), zone) : begins + 1;
  return {
    from: prefix === 'eq' || prefix === 'ge' ? begins : prefix === 'gt' ? ends : Number.NEGATIVE_INFINITY,
    to: prefix === 'eq' || prefix === 'le' ? ends : prefix === 'lt' ? begins : Number.POSITIVE_INFINITY,
  };
}

function withoutPrefix(text: string): string {
  return prefixes.includes(text.slice(0, 2)) ? text.slice(2) : text;
}
