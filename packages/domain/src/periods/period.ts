import {
  addDays,
  addMonths,
  daysBetween,
  isLocalDate,
  type LocalDate,
  startOfMonth,
  startOfQuarter,
  startOfWeek,
  startOfYear,
} from './local-date.ts';
import { localDateAt, startOfDay } from './zone.ts';

export const timePeriods = [
  'today',
  'yesterday',
  'last_7_days',
  'last_30_days',
  'last_90_days',
  'this_week',
  'last_week',
  'this_month',
  'last_month',
  'this_quarter',
  'last_quarter',
  'this_year',
  'custom',
] as const;
export type TimePeriod = (typeof timePeriods)[number];

export const aggregations = ['hourly', 'daily', 'weekly', 'monthly'] as const;
export type Aggregation = (typeof aggregations)[number];

export const maxBuckets = 1_000;
/** Ten years: longer ones are a mistake, and the comparison must stay within what a ClickHouse `Date` can hold. */
const maxDays = 3_660;
const earliest = '2000-01-01';
const latest = '2099-12-31';

export interface PeriodRequest {
  timePeriod: TimePeriod;
  /** Inclusive local dates, for `custom` only. */
  startDate?: LocalDate;
  endDate?: LocalDate;
  /** Without one, by length. */
  aggregation?: Aggregation;
}

/** Whose days these are, and when it is. */
export interface Calendar {
  /** IANA name. */
  zone: string;
  /** 1 Monday … 7 Sunday. */
  firstWeekday: number;
  /** Milliseconds since 1970. */
  now: number;
}

/** A stretch of whole local days, `start` and `end` inclusive. */
export interface Period {
  timePeriod: TimePeriod;
  start: LocalDate;
  end: LocalDate;
  aggregation: Aggregation;
  calendar: Calendar;
}

/** A parameter that does not make a period. */
export class PeriodError extends Error {
  readonly parameter: string;
  readonly fix: string;

  constructor(parameter: string, message: string, fix: string) {
    super(message);
    this.name = 'PeriodError';
    this.parameter = parameter;
    this.fix = fix;
  }
}

/**
 * The days that a request means, by the tenant's calendar. Periods that are running end today.
 * @throws PeriodError naming the wrong parameter and what would be right.
 */
export function resolvePeriod(request: PeriodRequest, calendar: Calendar): Period {
  const { start, end } = datesOf(request, calendar);
  const aggregation = request.aggregation ?? defaultAggregation(daysBetween(start, end) + 1);
  const period = { timePeriod: request.timePeriod, start, end, aggregation, calendar };
  if (bucketCount(period) > maxBuckets) {
    throw new PeriodError(
      'aggregation',
      `${aggregation} makes more than ${maxBuckets} buckets of this period`,
      `take a coarser aggregation, e.g. ${defaultAggregation(daysBetween(start, end) + 1)}, or a shorter period`,
    );
  }
  return period;
}

/** First instant of the period and the first after it, milliseconds. */
export function boundsOf(period: Period): { from: number; to: number } {
  const { zone } = period.calendar;
  return { from: startOfDay(period.start, zone), to: startOfDay(addDays(period.end, 1), zone) };
}

function datesOf(request: PeriodRequest, calendar: Calendar): { start: LocalDate; end: LocalDate } {
  if (request.timePeriod === 'custom') return customDates(request);
  for (const [parameter, given] of [
    ['start_date', request.startDate],
    ['end_date', request.endDate],
  ] as const) {
    if (given !== undefined)
      throw new PeriodError(parameter, 'goes with time_period=custom only', 'add time_period=custom');
  }
  const today = localDateAt(calendar.now, calendar.zone);
  const lastDays = (days: number) => ({ start: addDays(today, 1 - days), end: today });
  const since = (start: LocalDate) => ({ start, end: today });
  const week = startOfWeek(today, calendar.firstWeekday);
  const month = startOfMonth(today);
  const quarter = startOfQuarter(today);
  switch (request.timePeriod) {
    case 'today':
      return lastDays(1);
    case 'yesterday':
      return { start: addDays(today, -1), end: addDays(today, -1) };
    case 'last_7_days':
      return lastDays(7);
    case 'last_30_days':
      return lastDays(30);
    case 'last_90_days':
      return lastDays(90);
    case 'this_week':
      return since(week);
    case 'last_week':
      return { start: addDays(week, -7), end: addDays(week, -1) };
    case 'this_month':
      return since(month);
    case 'last_month':
      return { start: addMonths(month, -1), end: addDays(month, -1) };
    case 'this_quarter':
      return since(quarter);
    case 'last_quarter':
      return { start: addMonths(quarter, -3), end: addDays(quarter, -1) };
    case 'this_year':
      return since(startOfYear(today));
  }
}

function customDates({ startDate, endDate }: PeriodRequest): { start: LocalDate; end: LocalDate } {
  const given = [
    ['start_date', startDate],
    ['end_date', endDate],
  ] as const;
  for (const [parameter, date] of given) {
    if (date === undefined || !isLocalDate(date))
      throw new PeriodError(parameter, 'time_period=custom needs a date', 'a date such as 2026-11-20');
    if (date < earliest || date > latest)
      throw new PeriodError(parameter, 'is out of range', `a date from ${earliest} to ${latest}`);
  }
  const [start, end] = [startDate ?? '', endDate ?? ''];
  if (end < start) throw new PeriodError('end_date', 'is before start_date', 'a date not before start_date');
  if (daysBetween(start, end) >= maxDays)
    throw new PeriodError('start_date', 'the period is too long', `at most ${maxDays} days`);
  return { start, end };
}

function defaultAggregation(days: number): Aggregation {
  if (days <= 2) return 'hourly';
  if (days <= 92) return 'daily';
  return days <= 732 ? 'weekly' : 'monthly';
}

function bucketCount({ start, end, aggregation }: Period): number {
  const days = daysBetween(start, end) + 1;
  return Math.ceil({ hourly: days * 24, daily: days, weekly: days / 7, monthly: days / 28 }[aggregation]);
}
