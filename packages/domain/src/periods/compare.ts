import { type Bucket, type BucketRule, bucketRuleOf, bucketsOf } from './buckets.ts';
import { addDays, addMonths, daysBetween, type LocalDate, weekdayOf } from './local-date.ts';
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
  /** By the keys of the compared period's buckets. */
  buckets: Bucket[];
}

/**
 * The like-for-like counterpart. Calendar periods compare with the calendar period before them, others with as many
 * days before them; a year earlier is the same dates, for weeks the same week days 52 weeks earlier. A period that is
 * not over compares with the same days and the same time of day on the last one, by the wall clock.
 */
export function comparePeriodOf(period: Period, comparison: Exclude<Comparison, 'none'>): ComparePeriod {
  const { calendar } = period;
  const start = moveOf(period, comparison)(period.start);
  const limit = lastDayOf(period, comparison, start);
  const { from, to } = boundsOf(period);
  const running = from <= calendar.now && calendar.now < to;
  const today = localDateAt(calendar.now, calendar.zone);
  const aligned = running ? addDays(start, daysBetween(period.start, today)) : limit;
  const end = daysBetween(aligned, limit) < 0 ? limit : aligned;
  const shifted: Period = { ...period, start, end };
  const whole = boundsOf(shifted);
  // A month that is shorter has no counterpart of the 31st: it counts to its end.
  const sameTime = running && aligned === end ? sameTimeOf(calendar.now, end, period) : whole.to;
  const until = Math.min(sameTime, whole.to);
  const rule = alignedRule(period, start);
  return { start, end, until, cut: until < whole.to, rule, buckets: alignedBuckets(period, shifted) };
}

const months: Partial<Record<TimePeriod, number>> = {
  this_month: 1,
  last_month: 1,
  this_quarter: 3,
  last_quarter: 3,
  this_year: 12,
};
const weeks: readonly TimePeriod[] = ['this_week', 'last_week'];

function moveOf(period: Period, comparison: Comparison): (date: LocalDate) => LocalDate {
  const isWeek = weeks.includes(period.timePeriod);
  if (comparison === 'previous_year')
    return isWeek ? (date) => addDays(date, -364) : (date) => addMonths(date, -12);
  const back = months[period.timePeriod];
  if (back !== undefined) return (date) => addMonths(date, -back);
  const days = isWeek ? 7 : daysBetween(period.start, period.end) + 1;
  return (date) => addDays(date, -days);
}

/** The day that the counterpart may not go beyond: the last of its month, quarter or year, or the moved end. */
function lastDayOf(period: Period, comparison: Comparison, start: LocalDate): LocalDate {
  const length = months[period.timePeriod];
  if (length !== undefined) return addDays(addMonths(start, length), -1);
  return moveOf(period, comparison)(period.end);
}

function sameTimeOf(now: number, date: LocalDate, period: Period): number {
  const { zone } = period.calendar;
  const dayMs = 86_400_000;
  const wall = now + offsetAt(now, zone);
  const timeOfDay = ((wall % dayMs) + dayMs) % dayMs;
  return instantOfWall(Date.parse(`${date}T00:00:00Z`) + timeOfDay, zone);
}

/** Weeks are cut where the compared period's are, counted from its start, so that equal lengths are compared. */
function alignedRule(period: Period, start: LocalDate): BucketRule {
  return { ...bucketRuleOf(period), start };
}

function alignedBuckets(period: Period, shifted: Period): Bucket[] {
  if (period.aggregation !== 'weekly') return bucketsOf(shifted);
  const { firstWeekDays } = bucketRuleOf(period);
  const first = addDays(shifted.start, firstWeekDays);
  return bucketsOf({ ...shifted, calendar: { ...shifted.calendar, firstWeekday: weekdayOf(first) } });
}
