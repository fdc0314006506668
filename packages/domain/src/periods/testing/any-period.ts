import fc from 'fast-check';
import { addDays } from '../local-date.ts';
import { aggregations, type Calendar, resolvePeriod, timePeriods } from '../period.ts';

/** Zones whose clocks change at odd times, by odd amounts, or never. */
export const zones = [
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
export const anyZone = fc.constantFrom(...zones);
export const anyInstant = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) });
export const anyDate = fc.integer({ min: 0, max: 7_000 }).map((days) => addDays('2015-01-01', days));

export const at = (iso: string) => Date.parse(iso);
export const calendar = (zone: string, now: string, firstWeekday = 1): Calendar => ({
  zone,
  firstWeekday,
  now: at(now),
});

/** Any period that a request can mean. */
export const anyPeriod = fc
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
