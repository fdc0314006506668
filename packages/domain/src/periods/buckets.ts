import {
  addDays,
  addMonths,
  daysBetween,
  type LocalDate,
  monthIndex,
  startOfMonth,
  startOfWeek,
} from './local-date.ts';
import { boundsOf, type Period } from './period.ts';
import { localDateAt, localHourAt, nextLocalHour, startOfDay } from './zone.ts';

/** A stretch of a series, first instant and the first after it, milliseconds. */
export interface Bucket {
  /** What tells it from the others of its series, and finds its counterpart in a comparison. */
  key: string;
  start: number;
  end: number;
}

/** How the first bucket of a period is cut, so that a fact's date gives its bucket by arithmetic. */
export interface BucketRule {
  aggregation: Period['aggregation'];
  start: LocalDate;
  /** Days in the first week, 1 to 7: a period may begin inside one. */
  firstWeekDays: number;
  /** Days from the start at which buckets end, where they have the lengths of another period's; what comes after the last is in none. */
  ends?: readonly number[];
}

/** The rule by which {@link bucketsOf} cuts, for those who group facts by date. */
export function bucketRuleOf(period: Period): BucketRule {
  const week = startOfWeek(period.start, period.calendar.firstWeekday);
  return {
    aggregation: period.aggregation,
    start: period.start,
    firstWeekDays: 7 - daysBetween(week, period.start),
  };
}

/** Number of the bucket that holds a local date, from 0; not for hourly series. Beyond the last of `ends` it is one more. */
export function bucketIndexOf(date: LocalDate, rule: BucketRule): number {
  const days = daysBetween(rule.start, date);
  if (rule.ends) return rule.ends.filter((end) => end <= days).length;
  if (rule.aggregation === 'monthly') return monthIndex(date) - monthIndex(rule.start);
  if (rule.aggregation === 'daily') return days;
  return days < rule.firstWeekDays ? 0 : 1 + Math.floor((days - rule.firstWeekDays) / 7);
}

/** The period's buckets in order, without gaps. The first and last are cut at its ends; hours are the clocks', 23 to 25 a day. */
export function bucketsOf(period: Period): Bucket[] {
  return bucketsBy(period, bucketRuleOf(period));
}

/** The period's buckets, cut by a rule that need not be its own. */
export function bucketsBy(period: Period, rule: BucketRule): Bucket[] {
  if (rule.aggregation === 'hourly') return hoursOf(period);
  const { zone } = period.calendar;
  const buckets: Bucket[] = [];
  for (let date = period.start; date <= period.end; ) {
    const next = nextBucket(date, rule, buckets.length);
    if (next === undefined) break;
    const end = next > period.end ? addDays(period.end, 1) : next;
    buckets.push({ key: String(buckets.length), start: startOfDay(date, zone), end: startOfDay(end, zone) });
    date = next;
  }
  return buckets;
}

function nextBucket(date: LocalDate, rule: BucketRule, index: number): LocalDate | undefined {
  if (rule.ends) {
    const end = rule.ends[index];
    return end === undefined ? undefined : addDays(rule.start, end);
  }
  if (rule.aggregation === 'daily') return addDays(date, 1);
  if (rule.aggregation === 'monthly') return addMonths(startOfMonth(date), 1);
  return addDays(date, date === rule.start ? rule.firstWeekDays : 7);
}

function hoursOf(period: Period): Bucket[] {
  const { zone } = period.calendar;
  const { from, to } = boundsOf(period);
  const buckets: Bucket[] = [];
  const seen = new Map<string, number>();
  for (let start = from; start < to; ) {
    const end = nextLocalHour(start, zone);
    const day = daysBetween(period.start, localDateAt(start, zone));
    const hour = `${day}T${String(localHourAt(start, zone)).padStart(2, '0')}`;
    const nth = seen.get(hour) ?? 0;
    seen.set(hour, nth + 1);
    buckets.push({ key: nth === 0 ? hour : `${hour}+${nth}`, start, end });
    start = end;
  }
  return buckets;
}
