import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { localTime } from './local-time.ts';

describe('an instant in a clinic’s own time', () => {
  it('is what a calendar says, around every change of clocks and before 1970 too', {
    timeout: 60_000,
  }, () => {
    const zone = fc.constantFrom(
      ...[
        'Asia/Kolkata',
        'Europe/London',
        'Australia/Lord_Howe',
        'Pacific/Apia',
        'America/St_Johns',
        'Etc/UTC',
      ],
    );
    const instant = fc.integer({ min: Date.UTC(1960, 0), max: Date.UTC(2040, 0) });
    fc.assert(
      fc.property(instant, zone, (ms, name) => {
        const { date, hour, weekday, hourStart } = localTime(ms, name);
        const expected = DateTime.fromMillis(ms, { zone: name });
        expect({ date, hour, weekday }).toEqual({
          date: expected.toISODate(),
          hour: expected.hour,
          weekday: expected.weekday,
        });
        expect(hourStart).toBeLessThanOrEqual(ms);
        expect(ms - hourStart).toBeLessThan(3_600_000);
      }),
      { numRuns: 400 },
    );
  });

  it('in a zone that does not exist is an error', () => {
    expect(() => localTime(0, 'Mars/Olympus')).toThrow(RangeError);
  });
});
