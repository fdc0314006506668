import { addDays, isLocalDate } from '@switchboard/domain/periods/local-date';
import { startOfDay } from '@switchboard/domain/periods/zone';
import { z } from 'zod';

const earliest = Date.UTC(2000, 0, 1);
const latest = Date.UTC(2100, 0, 1);

/** One or several of these words. */
export const listOf = <const T extends readonly string[]>(values: T) =>
  z
    .union([z.enum(values), z.array(z.enum(values)).max(50)])
    .transform((given) => [given].flat())
    .optional();

/** A whole number of a query, up to `most`. */
export const whole = (most: number, least = 0) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number up to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`);

/** `true` or `false`. */
export const yesOrNo = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional();

/** A date, or an instant with its offset, from 2000 to 2099. */
export const moment = z
  .string()
  .refine((text) => isLocalDate(text) || isInstant(text), {
    error: 'must be a date (2026-11-20) or RFC 3339 with an offset (2026-11-20T10:00:00+05:30)',
    abort: true,
  })
  .refine((text) => Date.parse(text) >= earliest && Date.parse(text) < latest, {
    error: 'must be from 2000 to 2099',
  })
  .optional();

/** A {@link moment} as an instant: of a date the beginning in the clinic's zone, or that of a later day. */
export function instantOf(text: string, zone: string, daysAfter: 0 | 1): Date {
  return new Date(isLocalDate(text) ? startOfDay(addDays(text, daysAfter), zone) : Date.parse(text));
}

/** RFC 3339 with an offset. */
export const instant = z
  .string()
  .refine(isInstant, { error: 'must be RFC 3339 with an offset (2026-11-20T10:00:00+05:30)', abort: true })
  .refine((text) => Date.parse(text) >= 0 && Date.parse(text) < latest, {
    error: 'must be from 1970 to 2099',
  });

/** A date of the calendar, e.g. of birth. */
export const localDate = z
  .string()
  .refine((text) => isLocalDate(text) && text >= '1850-01-01' && text < '2100-01-01', {
    error: 'must be a date, e.g. 1984-03-09',
  });

/** Text of one line. */
export const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}*$/u, 'must be text without control characters');

/** What may stand in a text: all but control characters other than line breaks and tabs. */
export const written = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^(?:\P{Cc}|[\n\t\r])*$/u, 'must be text without control characters');

/** The names of the filters given, for the audit: their values may tell of a patient. */
export function filterNames(query: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(query)
    .filter(([name, value]) => value !== undefined && !['limit', 'offset', 'sort', 'cursor'].includes(name))
    .map(([name]) => name);
}

function isInstant(text: string): boolean {
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-](0\d|1[0-5]):[0-5]\d)$/;
  return form.test(text) && isLocalDate(text.slice(0, 10)) && !Number.isNaN(Date.parse(text));
}
