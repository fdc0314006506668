import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { bucketIndexOf, bucketRuleOf, bucketsOf } from './buckets.ts';
import { comparePeriodOf } from './compare.ts';
import { addDays, addMonths, daysBetween, startOfWeek, weekdayOf } from './local-date.ts';
import {
  aggregations,
  boundsOf,
  type Calendar,
  maxBuckets,
  PeriodError,
  resolvePeriod,
  type TimePeriod,
  timePeriods,
} from './period.ts';
import {
  isZone,
  localDateAt,
  localHourStart,
  nextLocalHour,
  offsetAt,
  startOfDay,
  zonedIso,
} from './zone.ts';

const zones = [
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/New_York',
  'America/Havana',
  'Africa/Cairo',
  'Asia/Beirut',
  'America/Santiago',
  'Pacific/Chatham',
  'America/St_Johns',
  'UTC',
];
const anyZone = fc.constantFrom(...zones);
const anyInstant = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) });
const anyDate = fc.integer({ min: 0, max: 7_000 }).map((days) => addDays('2015-01-01', days));
const hour = 3_600_000;

const at = (iso: string) => Date.parse(iso);
const calendar = (zone: string, now: string, firstWeekday = 1): Calendar => ({
  zone,
  firstWeekday,
  now: at(now),
});
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

const anyPeriod = fc
  .tuple(
    anyZone,
    anyInstant,
    fc.integer({ min: 1, max: 7 }),
    fc.constantFrom(...timePeriods),
    fc.constantFrom(undefined, ...aggregations),
    anyDate,
    fc.integer({ min: 0, max: 400 }),
  )
  .map(([zone, now, firstWeekday, timePeriod, aggregation, startDate, days]) => {
    const request = {
      timePeriod,
      aggregation,
      ...(timePeriod === 'custom' ? { startDate, endDate: addDays(startDate, days) } : {}),
    };
    try {
      return resolvePeriod(request, { zone, firstWeekday, now });
    } catch {
      return undefined;
    }
  })
  .filter((period) => period !== undefined);

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

describe('comparison', () => {
  const now = calendar('Asia/Kolkata', '2026-11-20T09:23:00+05:30');
  const compare = (timePeriod: TimePeriod, comparison: 'previous_period' | 'previous_year', when = now) => {
    const { start, end, until, cut } = comparePeriodOf(resolvePeriod({ timePeriod }, when), comparison);
    return [start, end, cut ? zonedIso(until, when.zone) : 'whole'];
  };

  test('a running period compares with the same part of the one before', () => {
    expect(compare('today', 'previous_period')).toEqual([
      '2026-11-19',
      '2026-11-19',
      '2026-11-19T09:23:00+05:30',
    ]);
    expect(compare('last_7_days', 'previous_period')).toEqual([
      '2026-11-07',
      '2026-11-13',
      '2026-11-13T09:23:00+05:30',
    ]);
    expect(compare('this_week', 'previous_period')).toEqual([
      '2026-11-09',
      '2026-11-13',
      '2026-11-13T09:23:00+05:30',
    ]);
    expect(compare('this_month', 'previous_period')).toEqual([
      '2026-10-01',
      '2026-10-20',
      '2026-10-20T09:23:00+05:30',
    ]);
    expect(compare('this_year', 'previous_year')).toEqual([
      '2025-01-01',
      '2025-11-20',
      '2025-11-20T09:23:00+05:30',
    ]);
  });

  test('a period that is over compares with a whole one', () => {
    expect(compare('yesterday', 'previous_period')).toEqual(['2026-11-18', '2026-11-18', 'whole']);
    expect(compare('last_month', 'previous_period')).toEqual(['2026-09-01', '2026-09-30', 'whole']);
    expect(compare('last_quarter', 'previous_period')).toEqual(['2026-04-01', '2026-06-30', 'whole']);
    expect(compare('last_week', 'previous_year')).toEqual(['2025-11-10', '2025-11-16', 'whole']);
    expect(compare('last_month', 'previous_year')).toEqual(['2025-10-01', '2025-10-31', 'whole']);
  });

  test('a day that the shorter month lacks counts to its end', () => {
    const end = calendar('Asia/Kolkata', '2026-03-31T09:00:00+05:30');
    expect(compare('this_month', 'previous_period', end)).toEqual(['2026-02-01', '2026-02-28', 'whole']);
  });

  test('the same wall time is meant across a change of clocks', () => {
    const day = calendar('America/New_York', '2026-11-01T12:00:00-05:00');
    expect(compare('today', 'previous_period', day)).toEqual([
      '2026-10-31',
      '2026-10-31',
      '2026-10-31T12:00:00-04:00',
    ]);
  });

  test('months compare with months, whether named or given by their dates', () => {
    const later = calendar('Asia/Kolkata', '2027-02-01T09:00:00+05:30');
    const custom = (startDate: string, endDate: string, comparison: 'previous_period' | 'previous_year') => {
      const period = resolvePeriod(
        { timePeriod: 'custom', startDate, endDate, aggregation: 'monthly' },
        later,
      );
      const compared = comparePeriodOf(period, comparison);
      const firsts = compared.buckets.map((bucket) => localDateAt(bucket.start, later.zone));
      return [compared.start, compared.end, firsts.join(' ')];
    };
    expect(custom('2026-07-01', '2026-12-31', 'previous_period')).toEqual([
      '2026-01-01',
      '2026-06-30',
      '2026-01-01 2026-02-01 2026-03-01 2026-04-01 2026-05-01 2026-06-01',
    ]);
    expect(custom('2026-03-01', '2026-04-30', 'previous_period')).toEqual([
      '2026-01-01',
      '2026-02-28',
      '2026-01-01 2026-02-01',
    ]);
    expect(custom('2025-02-01', '2025-02-28', 'previous_year')).toEqual([
      '2024-02-01',
      '2024-02-29',
      '2024-02-01',
    ]);
    // 11 days of July, 19 of August: compared are 11 days and 19.
    expect(custom('2026-07-21', '2026-08-19', 'previous_period')).toEqual([
      '2026-06-21',
      '2026-07-20',
      '2026-06-21 2026-07-02',
    ]);
  });

  test('over a 29th of February, a running day still compares with a running day', () => {
    const march = calendar('Asia/Kolkata', '2028-03-10T09:00:00+05:30');
    expect(compare('last_30_days', 'previous_year', march)).toEqual([
      '2027-02-09',
      '2027-03-10',
      '2027-03-10T09:00:00+05:30',
    ]);
    const leapDay = calendar('Asia/Kolkata', '2028-02-29T09:00:00+05:30');
    expect(compare('last_7_days', 'previous_year', leapDay)).toEqual([
      '2027-02-22',
      '2027-02-28',
      '2027-02-28T09:00:00+05:30',
    ]);
    const after = calendar('Asia/Kolkata', '2025-03-10T09:00:00+05:30');
    expect(compare('last_30_days', 'previous_year', after)).toEqual([
      '2024-02-10',
      '2024-03-10',
      '2024-03-10T09:00:00+05:30',
    ]);
  });

  test('each compared bucket has a counterpart of its length, whole months one that may differ by 3 days', () => {
    const lengths = (buckets: ReturnType<typeof bucketsOf>, zone: string) =>
      new Map(
        buckets.map(({ key, start, end }) => [
          key,
          daysBetween(localDateAt(start, zone), localDateAt(end, zone)),
        ]),
      );
    fc.assert(
      fc.property(anyPeriod, fc.constantFrom('previous_period', 'previous_year'), (period, comparison) => {
        const compared = comparePeriodOf(period, comparison);
        const { zone } = period.calendar;
        const own = lengths(bucketsOf(period), zone);
        const theirs = [...lengths(compared.buckets, zone)];
        expect(theirs.length).toBeGreaterThan(0);
        const isMonths = period.aggregation === 'monthly' && compared.rule.ends === undefined;
        const wrong = theirs.filter(([key, days], index) => {
          const counterpart = own.get(key);
          if (counterpart === undefined) return true;
          if (period.aggregation === 'hourly') return false;
          const tolerance = isMonths ? 3 : 0;
          // The last one ends where the compared days do.
          if (index === theirs.length - 1) return days > counterpart + tolerance;
          return Math.abs(days - counterpart) > tolerance;
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('compared buckets follow each other from the first compared day, and none reaches beyond', () => {
    fc.assert(
      fc.property(anyPeriod, fc.constantFrom('previous_period', 'previous_year'), (period, comparison) => {
        const compared = comparePeriodOf(period, comparison);
        const { zone } = period.calendar;
        const after = startOfDay(addDays(compared.end, 1), zone);
        expect(compared.end >= compared.start).toBe(true);
        expect(compared.buckets[0]?.start).toBe(startOfDay(compared.start, zone));
        const days = daysBetween(compared.start, compared.end);
        const last = compared.buckets.at(-1)?.end ?? 0;
        if (days <= daysBetween(period.start, period.end) && period.aggregation !== 'hourly')
          expect(last).toBe(after);
        else expect(last).toBeLessThanOrEqual(after);
        expect(compared.until).toBeGreaterThanOrEqual(startOfDay(compared.end, zone));
        expect(compared.until).toBeLessThanOrEqual(after);
        if (period.aggregation === 'hourly') return;
        compared.buckets.slice(1).forEach((bucket, index) => {
          expect(bucket.start).toBe(compared.buckets[index]?.end);
        });
        for (const bucket of compared.buckets) {
          for (const instant of [bucket.start, bucket.end - 1])
            expect(String(bucketIndexOf(localDateAt(instant, zone), compared.rule))).toBe(bucket.key);
        }
        const shown = new Set(compared.buckets.map(({ key }) => key));
        for (let date = localDateAt(last, zone); date <= compared.end; date = addDays(date, 1))
          expect(shown).not.toContain(String(bucketIndexOf(date, compared.rule)));
      }),
      { numRuns: 300 },
    );
  });
});
