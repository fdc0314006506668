import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketIndexOf, bucketsOf } from './buckets.ts';
import { comparePeriodOf } from './compare.ts';
import { addDays, daysBetween } from './local-date.ts';
import { type Period, resolvePeriod, type TimePeriod } from './period.ts';
import { anyPeriod, calendar } from './testing/any-period.ts';
import { localDateAt, startOfDay, zonedIso } from './zone.ts';

describe('comparison', () => {
  const now = calendar('Asia/Kolkata', '2026-11-20T09:23:00+05:30');
  const compare = (timePeriod: TimePeriod, comparison: 'previous_period' | 'previous_year', when = now) => {
    const { start, end, until, cut } = comparePeriodOf(resolvePeriod({ timePeriod }, when), comparison);
    return [start, end, cut ? zonedIso(until, when.zone) : 'whole'];
  };

  test('a running period compares with the same part of the one before (PostHog #522, lightdash #1267: the last bucket looks like a crash)', () => {
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

  test('days that reach into a month not begun yet are in no bucket, and count in the whole', () => {
    const leap = calendar('Asia/Kolkata', '2028-02-29T09:00:00+05:30');
    const period = resolvePeriod({ timePeriod: 'this_year', aggregation: 'monthly' }, leap);
    const { end, buckets } = comparePeriodOf(period, 'previous_period');
    expect(end).toBe('2027-03-01');
    expect(buckets.map((bucket) => localDateAt(bucket.end - 1, leap.zone))).toEqual([
      '2027-01-31',
      '2027-02-28',
    ]);
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

  const midnightLeapt: Period = {
    timePeriod: 'last_7_days',
    start: '2032-03-28',
    end: '2032-04-03',
    aggregation: 'hourly',
    calendar: { zone: 'Asia/Beirut', firstWeekday: 1, now: Date.parse('2032-04-02T21:00:00Z') },
  };

  test('compared buckets follow each other from the first compared day, and none reaches beyond', () => {
    fc.assert(
      fc.property(anyPeriod, fc.constantFrom('previous_period', 'previous_year'), (period, comparison) => {
        const compared = comparePeriodOf(period, comparison);
        const { zone } = period.calendar;
        const after = startOfDay(addDays(compared.end, 1), zone);
        expect(compared.end >= compared.start).toBe(true);
        // Where clocks go forward at midnight, the period's first day has no first hour: that of the other has no counterpart.
        const skipped = (compared.buckets[0]?.start ?? Number.NaN) - startOfDay(compared.start, zone);
        expect(skipped).toBeGreaterThanOrEqual(0);
        expect(skipped).toBeLessThanOrEqual(period.aggregation === 'hourly' ? 3_600_000 : 0);
        const days = daysBetween(compared.start, compared.end);
        const last = compared.buckets.at(-1)?.end ?? 0;
        expect(last).toBeLessThanOrEqual(after);
        if (days <= daysBetween(period.start, period.end) && period.aggregation !== 'hourly') {
          // As many days may reach into a month that the period has not begun: months differ by 3 days.
          const isMonths = period.aggregation === 'monthly' && compared.rule.ends === undefined;
          expect(daysBetween(localDateAt(last, zone), localDateAt(after, zone))).toBeLessThanOrEqual(
            isMonths ? 3 : 0,
          );
        }
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
      { numRuns: 300, examples: [[midnightLeapt, 'previous_period']] },
    );
  });
});
