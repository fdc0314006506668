import { type Bucket, type BucketRule, bucketRuleOf, bucketsBy, bucketsOf } from './buckets.ts';
import { addDays, addMonths, daysBetween, type LocalDate, monthIndex, startOfMonth } from './local-date.ts';
import { boundsOf, type Period, type TimePeriod } from './period.ts';
import { instantOfWall, localDateAt, offsetAt } from './zone.ts';

export const comparisons = ['none', 'previous_period', 'previous_year'] as const;
export type Comparison = (typeof comparisons)[number];

/** What a period is compared with: whole local days, of the last one only what lies before `until`. */
export interface ComparePeriod {
  start: LocalDate;
  /** Inclusive. */
  end: LocalDate;
  /** Milliseconds; the first instant that no longer counts. */
  until: number;
  /** Whether `until` falls inside `end`: the compared period is not over, and this one is cut at the same time of day. */
  cut: boolean;
  rule: BucketRule;
  /** By the keys of the period's own buckets; days that have no counterpart are in none, and count in the whole. */
  buckets: Bucket[];
}

/**
 * The like-for-like counterpart. Calendar periods, and custom ones of whole months, compare with the calendar period
 * before them, others with as many days before them; a year earlier is the same dates, for weeks the same week days 52
 * weeks earlier. A period that is not over compares with as many days and the same time of day on the last one, by the
 * wall clock. Whole months compare with whole months; all other buckets with as many days.
 */
export function comparePeriodOf(period: Period, comparison: Exclude<Comparison, 'none'>): ComparePeriod {
  const { calendar } = period;
  const { from, to } = boundsOf(period);
  const running = from <= calendar.now && calendar.now < to;
  const today = localDateAt(calendar.now, calendar.zone);
  const { start, limit } = counterpartOf(period, comparison, running ? today : undefined);
  const aligned = running ? addDays(start, daysBetween(period.start, today)) : limit;
  const end = daysBetween(aligned, limit) < 0 ? limit : aligned;
  const shifted: Period = { ...period, start, end };
  const whole = boundsOf(shifted);
  // A month that is shorter has no counterpart of the 31st: it counts to its end.
  const sameTime = running && aligned === end ? sameTimeOf(calendar.now, end, period) : whole.to;
  const until = Math.min(sameTime, whole.to);
  const rule = alignedRule(period, start);
  return { start, end, until, cut: until < whole.to, rule, buckets: alignedBuckets(period, shifted, rule) };
}

const months: Partial<Record<TimePeriod, number>> = {
  this_month: 1,
  last_month: 1,
  this_quarter: 3,
  last_quarter: 3,
  this_year: 12,
};
const weeks: readonly TimePeriod[] = ['this_week', 'last_week'];

/** How many calendar months the period is, or will be when it is over; undefined when it is none of whole ones. */
function monthsOf({ timePeriod, start, end }: Period): number | undefined {
  if (timePeriod !== 'custom') return months[timePeriod];
  const next = addDays(end, 1);
  const isWhole = start === startOfMonth(start) && next === startOfMonth(next);
  return isWhole ? monthIndex(next) - monthIndex(start) : undefined;
}

/** Its first day, and the last that it may have. */
function counterpartOf(
  period: Period,
  comparison: Comparison,
  today: LocalDate | undefined,
): { start: LocalDate; limit: LocalDate } {
  const { start, end } = period;
  const calendarMonths = monthsOf(period);
  if (calendarMonths !== undefined) {
    const first = addMonths(start, comparison === 'previous_year' ? -12 : -calendarMonths);
    return { start: first, limit: addDays(addMonths(first, calendarMonths), -1) };
  }
  const isWeek = weeks.includes(period.timePeriod);
  if (comparison === 'previous_year' && !isWeek) {
    if (today === undefined) return { start: addMonths(start, -12), limit: addMonths(end, -12) };
    // Counted back from today's counterpart: over a 29th of February the days before it are other dates.
    const last = addMonths(today, -12);
    return { start: addDays(last, -daysBetween(start, today)), limit: last };
  }
  const days = comparison === 'previous_year' ? 364 : isWeek ? 7 : daysBetween(start, end) + 1;
  return { start: addDays(start, -days), limit: addDays(end, -days) };
}

function sameTimeOf(now: number, date: LocalDate, period: Period): number {
  const { zone } = period.calendar;
  const dayMs = 86_400_000;
  const wall = now + offsetAt(now, zone);
  const timeOfDay = ((wall % dayMs) + dayMs) % dayMs;
  return instantOfWall(Date.parse(`${date}T00:00:00Z`) + timeOfDay, zone);
}

/** Weeks, and months that are cut, have the lengths of the period's own, counted from the start. */
function alignedRule(period: Period, start: LocalDate): BucketRule {
  const own = bucketRuleOf(period);
  const { aggregation } = period;
  if (aggregation === 'hourly' || aggregation === 'daily') return { ...own, start };
  if (aggregation === 'monthly' && monthsOf(period) !== undefined) return { ...own, start };
  const { zone } = period.calendar;
  const ends = bucketsBy(period, own).map(({ end }) => daysBetween(period.start, localDateAt(end, zone)));
  return { ...own, start, ends };
}

function alignedBuckets(period: Period, shifted: Period, rule: BucketRule): Bucket[] {
  const keys = new Set(bucketsOf(period).map(({ key }) => key));
  return bucketsBy(shifted, rule).filter(({ key }) => keys.has(key));
}
