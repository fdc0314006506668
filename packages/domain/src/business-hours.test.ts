import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { type BusinessHours, businessMsBetween, isOpenAt, readBusinessHours } from './business-hours.ts';

const hour = 3_600_000;
const minute = 60_000;
const week: BusinessHours = {
  '1': [
    ['09:00', '13:00'],
    ['14:00', '17:30'],
  ],
  '5': [['20:00', '02:00']],
  '7': [['00:00', '24:00']],
};
const at = (iso: string, zone = 'Asia/Kolkata') => DateTime.fromISO(iso, { zone }).toMillis();

describe('a clinic', () => {
  const open = (iso: string) => isOpenAt(week, at(iso), 'Asia/Kolkata');

  it('is open from the first minute of a span to its last, in its own wall time', () => {
    expect(
      ['08:59:59.999', '09:00', '12:59:59.999', '13:00', '14:00', '17:30'].map((time) =>
        open(`2026-11-16T${time}`),
      ),
    ).toEqual([false, true, true, false, true, false]);
  });

  it('is open past midnight where a span ends before it begins', () => {
    expect(open('2026-11-20T23:30')).toBe(true);
    expect(open('2026-11-21T01:59')).toBe(true);
    expect(open('2026-11-21T02:00')).toBe(false);
    expect(open('2026-11-20T01:00')).toBe(false);
  });

  it('is closed on a weekday that is not there, and open always where none is', () => {
    expect(open('2026-11-18T10:00')).toBe(false);
    expect(isOpenAt({}, at('2026-11-18T03:00'), 'Asia/Kolkata')).toBe(true);
    expect(isOpenAt({ '1': [] }, at('2026-11-16T10:00'), 'Asia/Kolkata')).toBe(false);
  });
});

describe('business time between two instants', () => {
  const between = (from: string, to: string, hours = week, zone = 'Asia/Kolkata') =>
    businessMsBetween(hours, at(from, zone), at(to, zone), zone);

  it('counts what is open, and nothing backwards', () => {
    expect(between('2026-11-16T12:00', '2026-11-16T15:00')).toBe(2 * hour);
    expect(between('2026-11-16T17:00', '2026-11-23T09:30')).toBe((0.5 + 6 + 24 + 0.5) * hour);
    expect(between('2026-11-18T00:00', '2026-11-19T00:00')).toBe(0);
    expect(between('2026-11-16T12:00', '2026-11-16T11:00')).toBe(0);
    expect(between('2026-11-18T00:00', '2026-11-19T00:00', {})).toBe(24 * hour);
  });

  it('counts spans that overlap once', () => {
    const twice: BusinessHours = {
      '1': [
        ['09:00', '12:00'],
        ['10:00', '11:00'],
        ['11:00', '13:00'],
      ],
    };
    expect(between('2026-11-16T00:00', '2026-11-17T00:00', twice)).toBe(4 * hour);
  });

  it.each([
    ['set back by an hour', 'Europe/Berlin', '2026-10-25', 4],
    ['set forward by an hour', 'Europe/Berlin', '2026-03-29', 2],
    ['set back by half an hour', 'Australia/Lord_Howe', '2026-04-05', 3.5],
    ['set forward by half an hour', 'Australia/Lord_Howe', '2026-10-04', 2.5],
  ])('counts the night when clocks are %s in %s as long as it was', (_, zone, date, hours) => {
    const night: BusinessHours = { '7': [['01:00', '04:00']] };
    expect(between(`${date}T00:00`, `${date}T12:00`, night, zone)).toBe(hours * hour);
  });

  it('is the minutes in which the clinic is open, one by one', () => {
    const zones = fc.constantFrom('Asia/Kolkata', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/New_York');
    const start = Date.parse('2026-10-23T00:00:00Z');
    const minutes = fc.integer({ min: 0, max: 3 * 1_440 });
    const time = fc
      .integer({ min: 0, max: 95 })
      .map(
        (quarter) =>
          `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`,
      );
    const spans = fc.array(fc.tuple(time, time), { maxLength: 2 });
    const hours = fc.record({ '5': spans, '6': spans, '7': spans, '1': spans }, { noNullPrototype: true });
    fc.assert(
      fc.property(zones, hours, minutes, minutes, (zone, random, one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        let open = 0;
        for (let at = from; at < to; at += 1) if (isOpenAt(random, start + at * minute, zone)) open += 1;
        expect(businessMsBetween(random, start + from * minute, start + to * minute, zone)).toBe(
          open * minute,
        );
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});

describe('stored hours', () => {
  it('are read without what is no span', () => {
    expect(readBusinessHours(week)).toEqual(week);
    expect(
      readBusinessHours({ '1': [['9-5'], ['09:00', '25:00'], ['09:00', '10:00']], x: [], '2': 'closed' }),
    ).toEqual({
      '1': [['09:00', '10:00']],
      '2': [],
    });
    expect(readBusinessHours(null)).toEqual({});
  });
});
