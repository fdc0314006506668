import { minutesOf } from '@switchboard/domain/business-hours';
import { addDays, daysBetween } from '@switchboard/domain/periods/local-date';
import { z } from 'zod';
import { line, localDate } from '../paging/parameters.ts';
import { time } from './settings-schema.ts';

/** Longest stretch of dates that is shown or set at once. */
const mostDays = 366;
const weekMinutes = 7 * 1_440;

const begins = time.refine((text) => text !== '24:00', { error: 'must be a time before 24:00' });

/** A time on one date. */
const onDate = {
  starts: begins,
  ends: time,
};

const inOrder = ({ starts, ends }: { starts: string; ends: string }) => starts < ends;
const notInOrder = {
  error:
    'must end after it starts; what goes on past midnight is until 24:00, and from 00:00 on the next date',
  path: ['ends'],
};

const dates = {
  from: localDate.describe('First date, by the clocks of each location.'),
  to: localDate.optional().describe('Last date; left out: `from` alone.'),
};

const fewDates = ({ from, to = from }: { from: string; to?: string | undefined }) =>
  from <= to && daysBetween(from, to) < mostDays;
const manyDates = { error: `must be from \`from\` on, and ${mostDays} days at most`, path: ['to'] };

const rule = z
  .strictObject({
    location_id: z.uuid(),
    weekday: z.int().min(1).max(7).describe('On which they begin: 1 Monday … 7 Sunday.'),
    starts: begins,
    ends: time.describe('Not later than `starts`: on the day after.'),
    valid_from: localDate.nullable().default(null).describe('First date on which they begin; null: open.'),
    valid_to: localDate.nullable().default(null).describe('Last date on which they begin; null: open.'),
  })
  .refine(({ valid_from: from, valid_to: to }) => from === null || to === null || from <= to, {
    error: 'must be `valid_from` or later',
    path: ['valid_to'],
  });

type Rule = z.infer<typeof rule>;

/** Body of `PUT /settings/practitioners/{id}/hours`. */
export const hoursBody = z.strictObject({
  hours: z
    .array(rule)
    .max(200)
    .superRefine((rules, context) => {
      for (const [index, one] of rules.entries())
        if (rules.slice(0, index).some((other) => meet(one, other)))
          context.addIssue({
            code: 'custom',
            path: [index],
            message: 'must not overlap other hours of the same practitioner',
          });
    })
    .describe('All weekly hours that are put in here, in wall time of each location; [] removes them.'),
});

/** Body of `PUT /settings/practitioners/{id}/exceptions`. */
export const exceptionsBody = z
  .strictObject({
    ...dates,
    closed: z
      .array(
        z
          .strictObject({
            starts: begins.default('00:00'),
            ends: time.default('24:00'),
            location_id: z
              .uuid()
              .nullable()
              .default(null)
              .describe(
                'Null: everywhere. Of one location, hours of which nobody told where they are are closed, too.',
              ),
          })
          .refine(inOrder, notInOrder),
      )
      .max(10)
      .default([])
      .describe('Time off on each of the dates; `[{}]` is the whole day.'),
    open: z
      .array(z.strictObject({ location_id: z.uuid(), ...onDate }).refine(inOrder, notInOrder))
      .max(10)
      .default([])
      .describe('Hours on each of the dates.'),
    instead_of_weekly: z
      .boolean()
      .default(false)
      .describe('Whether `open` takes the place of the weekly hours on these dates, or is worked besides.'),
  })
  .refine(fewDates, manyDates)
  .refine(({ closed, open }) => closed.length + open.length > 0, {
    error: 'must have one time that is closed or open; `DELETE` brings the weekly hours back',
    path: ['closed'],
  })
  .refine(({ open, instead_of_weekly: instead }) => open.length > 0 || !instead, {
    error: 'must have hours that take the place of the weekly ones',
    path: ['open'],
  });

/** Query of what is shown, and of what is removed. */
export const exceptionsQuery = z.strictObject(dates).refine(fewDates, manyDates);

/** Query of `GET /settings/holidays`. */
export const holidaysQuery = z.strictObject(dates).refine(fewDates, manyDates);

/** Body of `PUT /settings/holidays/{date}`. */
export const holidayBody = z.strictObject({
  closures: z
    .array(
      z
        .strictObject({
          name: line(200).nullable().default(null).describe('What the clinic calls it.'),
          location_id: z
            .uuid()
            .nullable()
            .default(null)
            .describe(
              'Null: all locations. Of one, hours of which nobody told where they are are closed, too.',
            ),
          starts: begins.default('00:00'),
          ends: time.default('24:00'),
        })
        .refine(inOrder, notInOrder),
    )
    .min(1)
    .max(50)
    .describe('When nobody works on the date; `[{}]`: the whole day, nowhere.'),
});

/** Path of a holiday. */
export const holidayDate = z.object({ date: localDate });

/** Body of `PUT /settings/locations/{id}/rooms`. */
export const roomsBody = z.strictObject({
  rooms: z
    .int()
    .min(1)
    .max(10_000)
    .nullable()
    .describe('Most visits there at one time; null: as many as there are practitioners.'),
});

export const record = z.object({ id: z.uuid() });

/** All dates of a stretch. */
export function datesOf({ from, to = from }: { from: string; to?: string | undefined }): string[] {
  return Array.from({ length: daysBetween(from, to) + 1 }, (_, days) => addDays(from, days));
}

/** Whether two hours of every week ever meet. */
function meet(one: Rule, other: Rule): boolean {
  if (one.valid_to !== null && other.valid_from !== null && one.valid_to < other.valid_from) return false;
  if (other.valid_to !== null && one.valid_from !== null && other.valid_to < one.valid_from) return false;
  const [left, right] = [inWeek(one), inWeek(other)];
  return [-weekMinutes, 0, weekMinutes].some(
    (shift) => left.from + shift < right.to && right.from < left.to + shift,
  );
}

function inWeek({ weekday, starts, ends }: Rule): { from: number; to: number } {
  const [from, to] = [minutesOf(starts), minutesOf(ends)];
  const midnight = (weekday - 1) * 1_440;
  return { from: midnight + from, to: midnight + (to > from ? to : to + 1_440) };
}
