import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { bucketIndexOf, bucketRuleOf, bucketsOf } from './buckets.ts';
import { addDays, addMonths, daysBetween, startOfWeek, weekdayOf } from './local-date.ts';
import {
  boundsOf,
  type Calendar,
  maxBuckets,
  PeriodError,
  resolvePeriod,
  type TimePeriod,
} from './period.ts';
import { anyDate, anyInstant, anyPeriod, anyZone, at, calendar, zones } from './testing/any-period.ts';
import {
  isZone,
  localDateAt,
  localHourStart,
  nextLocalHour,
  offsetAt,
  startOfDay,
  zonedIso,
} from './zone.ts';

const hour = 3_600_000;

const dates = (timePeriod: TimePeriod, when: Calendar) => {
  const { start, end } = resolvePeriod({ timePeriod }, when);
  return [start, end];
};

describe('zones', () => {
  test('a day begins at the first instant of its date', () => {
    fc.assert(
      fc.property(anyZone, anyDate, (zone, date) => {
        const start = startOfDay(date, zone);
        expect(localDateAt(start, zone)).toBe(date);
        expect(localDateAt(start - 1, zone)).toBe(addDays(date, -1));
      }),
    );
  });

  test('an hour holds the instants that share its start, and the next begins where it ends', () => {
    fc.assert(
      fc.property(anyZone, anyInstant, (zone, instant) => {
        const start = localHourStart(instant, zone);
        const end = nextLocalHour(instant, zone);
        expect(start).toBeLessThanOrEqual(instant);
        expect(end).toBeGreaterThan(instant);
        expect(end - start).toBeLessThanOrEqual(hour);
        expect(localHourStart(end - 1, zone)).toBe(start);
        expect(localHourStart(end, zone)).toBe(end);
        expect(DateTime.fromMillis(start, { zone }).hour).toBe(DateTime.fromMillis(instant, { zone }).hour);
      }),
      { numRuns: 500 },
    );
  });

  test('instants are written as luxon writes them', () => {
    fc.assert(
      fc.property(anyZone, anyInstant, (zone, instant) => {
        const second = Math.floor(instant / 1000) * 1000;
        expect(Date.parse(zonedIso(second, zone))).toBe(second);
        const iso = DateTime.fromMillis(second, { zone }).toISO({
          suppressMilliseconds: true,
          includeOffset: true,
        });
        expect(zonedIso(second, zone)).toBe(iso?.replace(/Z$/, '+00:00'));
      }),
    );
    expect(isZone('Asia/Kolkata')).toBe(true);
    expect(isZone('Asia/Nowhere')).toBe(false);
  });

  test('offsets are the runtime’s, on days that change the clocks too', () => {
    for (const zone of zones) {
      for (let instant = at('2026-01-01T00:00:00Z'); instant < at('2027-01-01T00:00:00Z'); instant += hour) {
        const expected = DateTime.fromMillis(instant, { zone }).offset * 60_000;
        if (offsetAt(instant, zone) !== expected)
          throw new Error(`${zone} ${new Date(instant).toISOString()}`);
      }
    }
  });

  test('dates of the calendar', () => {
    expect(addMonths('2024-03-31', -1)).toBe('2024-02-29');
    expect(addMonths('2026-01-15', -1)).toBe('2025-12-15');
    expect(weekdayOf('2026-11-20')).toBe(5);
    fc.assert(
      fc.property(anyDate, fc.integer({ min: 1, max: 7 }), (date, first) => {
        const week = startOfWeek(date, first);
        expect(weekdayOf(week)).toBe(first);
        expect(daysBetween(week, date)).toBeGreaterThanOrEqual(0);
        expect(daysBetween(week, date)).toBeLessThan(7);
      }),
    );
  });
});

describe('periods', () => {
  const friday = calendar('Asia/Kolkata', '2026-11-20T09:23:00+05:30');

  test('each named period', () => {
    expect(dates('today', friday)).toEqual(['2026-11-20', '2026-11-20']);
    expect(dates('yesterday', friday)).toEqual(['2026-11-19', '2026-11-19']);
    expect(dates('last_7_days', friday)).toEqual(['2026-11-14', '2026-11-20']);
    expect(dates('last_30_days', friday)).toEqual(['2026-10-22', '2026-11-20']);
    expect(dates('last_90_days', friday)).toEqual(['2026-08-23', '2026-11-20']);
    expect(dates('this_week', friday)).toEqual(['2026-11-16', '2026-11-20']);
    expect(dates('last_week', friday)).toEqual(['2026-11-09', '2026-11-15']);
    expect(dates('this_month', friday)).toEqual(['2026-11-01', '2026-11-20']);
    expect(dates('last_month', friday)).toEqual(['2026-10-01', '2026-10-31']);
    expect(dates('this_quarter', friday)).toEqual(['2026-10-01', '2026-11-20']);
    expect(dates('last_quarter', friday)).toEqual(['2026-07-01', '2026-09-30']);
    expect(dates('this_year', friday)).toEqual(['2026-01-01', '2026-11-20']);
  });

  test('weeks begin on the tenant’s first weekday', () => {
    const sunday = { ...friday, firstWeekday: 7 };
    expect(dates('this_week', sunday)).toEqual(['2026-11-15', '2026-11-20']);
    expect(dates('last_week', sunday)).toEqual(['2026-11-08', '2026-11-14']);
  });

  test('today is the tenant’s, not UTC’s', () => {
    expect(dates('today', calendar('Asia/Kolkata', '2026-11-20T20:00:00Z'))[0]).toBe('2026-11-21');
    expect(dates('today', calendar('America/New_York', '2026-11-21T03:00:00Z'))[0]).toBe('2026-11-20');
  });

  test.each([
    [{ timePeriod: 'custom' }, 'start_date'],
    [{ timePeriod: 'custom', startDate: '2026-02-30', endDate: '2026-03-01' }, 'start_date'],
    [{ timePeriod: 'custom', startDate: '2026-03-01' }, 'end_date'],
    [{ timePeriod: 'custom', startDate: '2026-03-02', endDate: '2026-03-01' }, 'end_date'],
    [{ timePeriod: 'custom', startDate: '1999-03-02', endDate: '2000-03-01' }, 'start_date'],
    [{ timePeriod: 'custom', startDate: '2001-01-01', endDate: '2026-03-01' }, 'start_date'],
    [{ timePeriod: 'today', startDate: '2026-03-02' }, 'start_date'],
    [{ timePeriod: 'last_90_days', aggregation: 'hourly' }, 'aggregation'],
  ] as const)('%j names the wrong parameter', (request, parameter) => {
    expect(() => resolvePeriod(request, friday)).toThrow(PeriodError);
    try {
      resolvePeriod(request, friday);
    } catch (error) {
      expect(error).toMatchObject({ parameter, fix: expect.any(String) });
    }
  });
});

describe('buckets', () => {
  test('they cover the period without a gap, and arithmetic finds the same bucket as time does', () => {
    fc.assert(
      fc.property(anyPeriod, (period) => {
        const buckets = bucketsOf(period);
        const { from, to } = boundsOf(period);
        expect(buckets.length).toBeLessThanOrEqual(maxBuckets);
        expect(buckets[0]?.start).toBe(from);
        expect(buckets.at(-1)?.end).toBe(to);
        expect(new Set(buckets.map((bucket) => bucket.key)).size).toBe(buckets.length);
        buckets.slice(1).forEach((bucket, index) => {
          expect(bucket.start).toBe(buckets[index]?.end);
          expect(bucket.end).toBeGreaterThan(bucket.start);
        });
        if (period.aggregation === 'hourly') return;
        const rule = bucketRuleOf(period);
        for (const bucket of buckets) {
          for (const instant of [bucket.start, bucket.end - 1]) {
            const index = bucketIndexOf(localDateAt(instant, period.calendar.zone), rule);
            expect(String(index)).toBe(bucket.key);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  const hours = (zone: string, date: string) =>
    bucketsOf(
      resolvePeriod(
        { timePeriod: 'custom', startDate: date, endDate: date, aggregation: 'hourly' },
        calendar(zone, '2030-01-01T00:00:00Z'),
      ),
    );

  test('days of 23, 24 and 25 hours, and of half ones', () => {
    expect(hours('America/New_York', '2026-03-08')).toHaveLength(23);
    expect(hours('America/New_York', '2026-11-01')).toHaveLength(25);
    expect(hours('America/New_York', '2026-11-01').map((bucket) => bucket.key)).toContain('0T01+1');
    expect(hours('Asia/Kolkata', '2026-11-20')).toHaveLength(24);
    expect(zonedIso(hours('Asia/Kolkata', '2026-11-20')[0]?.start ?? 0, 'Asia/Kolkata')).toBe(
      '2026-11-20T00:00:00+05:30',
    );
    const back = hours('Australia/Lord_Howe', '2026-04-05');
    expect(back).toHaveLength(25);
    expect(back.filter((bucket) => bucket.end - bucket.start === hour / 2)).toHaveLength(1);
    const forward = hours('Australia/Lord_Howe', '2026-10-04');
    expect(forward).toHaveLength(24);
    expect(forward.filter((bucket) => bucket.end - bucket.start === hour / 2)).toHaveLength(1);
  });

  test('weeks and months are cut at the ends of the period', () => {
    const now = calendar('Asia/Kolkata', '2026-11-20T09:00:00+05:30');
    const week = bucketsOf(resolvePeriod({ timePeriod: 'last_30_days', aggregation: 'weekly' }, now));
    expect(week.map((bucket) => localDateAt(bucket.start, 'Asia/Kolkata'))).toEqual([
      '2026-10-22',
      '2026-10-26',
      '2026-11-02',
      '2026-11-09',
      '2026-11-16',
    ]);
    const month = bucketsOf(resolvePeriod({ timePeriod: 'last_90_days', aggregation: 'monthly' }, now));
    expect(month.map((bucket) => localDateAt(bucket.start, 'Asia/Kolkata'))).toEqual([
      '2026-08-23',
      '2026-09-01',
      '2026-10-01',
      '2026-11-01',
    ]);
  });
});
