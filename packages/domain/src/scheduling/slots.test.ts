import { assert, constantFrom, integer, property, record, shuffledSubarray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../periods/local-date.ts';
import { instantOfWall, localDateAt, offsetAt, zonedIso } from '../periods/zone.ts';
import { freeSlots, makeSlots, occupiedBy, type SlotVisit, slotFrom } from './slots.ts';
import { type HoursException, realSpans, type WeeklyHours, workSpans } from './working-hours.ts';

const minuteMs = 60_000;
const visit = { duration: 30, bufferBefore: 0, bufferAfter: 0 };

function hours(zone: string, starts: number, ends: number, more: Partial<WeeklyHours> = {}): WeeklyHours[] {
  return [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
    weekday,
    starts,
    ends,
    validFrom: null,
    validTo: null,
    locationId: 'a',
    zone,
    slotMinutes: null,
    typeIds: null,
    ...more,
  }));
}

function slotsOn(
  date: string,
  weekly: WeeklyHours[],
  exceptions: HoursException[] = [],
  length: SlotVisit = visit,
) {
  const zone = weekly[0]?.zone ?? 'UTC';
  return makeSlots(workSpans(weekly, exceptions, date, date), length).map(({ from }) => zonedIso(from, zone));
}

describe('slots of a date', () => {
  it('follow each other inside the hours', () => {
    expect(slotsOn('2026-12-01', hours('Asia/Kolkata', 540, 640))).toEqual([
      '2026-12-01T09:00:00+05:30',
      '2026-12-01T09:30:00+05:30',
      '2026-12-01T10:00:00+05:30',
    ]);
  });

  it('are not there in the hour that clocks jump over', () => {
    expect(slotsOn('2026-03-08', hours('America/New_York', 60, 240))).toEqual([
      '2026-03-08T01:00:00-05:00',
      '2026-03-08T01:30:00-05:00',
      '2026-03-08T03:00:00-04:00',
      '2026-03-08T03:30:00-04:00',
    ]);
    expect(slotsOn('2026-03-08', hours('America/New_York', 120, 180))).toEqual([]);
  });

  it('are there twice in the hour that clocks repeat, at two instants', () => {
    expect(slotsOn('2026-11-01', hours('America/New_York', 60, 120))).toEqual([
      '2026-11-01T01:00:00-04:00',
      '2026-11-01T01:30:00-04:00',
      '2026-11-01T01:00:00-05:00',
      '2026-11-01T01:30:00-05:00',
    ]);
    // Half an hour is repeated: 01:30 to 02:00.
    expect(slotsOn('2026-04-05', hours('Australia/Lord_Howe', 60, 150))).toEqual([
      '2026-04-05T01:00:00+11:00',
      '2026-04-05T01:30:00+11:00',
      '2026-04-05T01:30:00+10:30',
      '2026-04-05T02:00:00+10:30',
    ]);
  });

  it('go on past midnight, and are of the day on which the hours began', () => {
    expect(slotsOn('2026-12-31', hours('Asia/Kolkata', 1_380, 60))).toEqual([
      '2026-12-31T23:00:00+05:30',
      '2026-12-31T23:30:00+05:30',
      '2027-01-01T00:00:00+05:30',
      '2027-01-01T00:30:00+05:30',
    ]);
  });

  it('exist on a leap day, and in no other year', () => {
    const wholeYear = (year: number) =>
      makeSlots(workSpans(hours('Asia/Kolkata', 540, 570), [], `${year}-02-28`, `${year}-03-01`), visit);
    expect(wholeYear(2028).map(({ from }) => localDateAt(from, 'Asia/Kolkata'))).toEqual([
      '2028-02-28',
      '2028-02-29',
      '2028-03-01',
    ]);
    expect(wholeYear(2027)).toHaveLength(2);
  });

  it('are of the weekday, and of the days for which the rule is valid', () => {
    const weekly = hours('Asia/Kolkata', 540, 570, { validFrom: '2026-12-02', validTo: '2026-12-03' });
    const work = workSpans(
      weekly.filter(({ weekday }) => weekday !== 3),
      [],
      '2026-12-01',
      '2026-12-09',
    );
    expect(makeSlots(work, visit).map(({ from }) => localDateAt(from, 'Asia/Kolkata'))).toEqual([
      '2026-12-03',
    ]);
  });

  it('leave out what is closed, and add what is open besides', () => {
    const closed = (starts: number, ends: number, locationId: string | null = null): HoursException => ({
      kind: 'closed',
      date: '2026-12-01',
      starts,
      ends,
      locationId,
      zone: locationId === null ? null : 'Asia/Kolkata',
    });
    const weekly = hours('Asia/Kolkata', 540, 660);
    expect(slotsOn('2026-12-01', weekly, [closed(0, 1_440)])).toEqual([]);
    expect(slotsOn('2026-12-01', weekly, [closed(0, 1_440, 'b')])).toHaveLength(4);
    expect(slotsOn('2026-12-01', weekly, [closed(560, 600)])).toEqual([
      '2026-12-01T10:00:00+05:30',
      '2026-12-01T10:30:00+05:30',
    ]);
    expect(slotsOn('2026-12-01', weekly, [{ ...closed(720, 750, 'a'), kind: 'open' }]).at(-1)).toBe(
      '2026-12-01T12:00:00+05:30',
    );
    // A night that begins on a closed date does not go on after midnight.
    expect(slotsOn('2026-12-01', hours('Asia/Kolkata', 1_380, 60), [closed(0, 1_440)])).toEqual([]);
  });

  it('of a date with other hours are in those alone, and in what a night before has after midnight', () => {
    const other: HoursException = {
      kind: 'instead',
      date: '2026-12-01',
      starts: 840,
      ends: 900,
      locationId: 'b',
      zone: 'Asia/Kolkata',
    };
    const weekly = hours('Asia/Kolkata', 540, 1_020);
    const slots = ['2026-12-01T14:00:00+05:30', '2026-12-01T14:30:00+05:30'];
    expect(slotsOn('2026-12-01', weekly, [other])).toEqual(slots);
    expect(slotsOn('2026-12-02', weekly, [other])).toHaveLength(16);
    const night = workSpans(hours('Asia/Kolkata', 1_380, 60), [other], '2026-11-30', '2026-12-01');
    expect(makeSlots(night, visit).map(({ from }) => zonedIso(from, 'Asia/Kolkata'))).toEqual([
      '2026-11-30T23:00:00+05:30',
      '2026-11-30T23:30:00+05:30',
      '2026-12-01T00:00:00+05:30',
      '2026-12-01T00:30:00+05:30',
      ...slots,
    ]);
  });

  it('keep buffers free between them, and meet nothing that is taken', () => {
    const buffered = { duration: 45, bufferBefore: 0, bufferAfter: 15 };
    const slots = makeSlots(
      workSpans(hours('Asia/Kolkata', 540, 720), [], '2026-12-01', '2026-12-01'),
      buffered,
    );
    expect(slots.map(({ from }) => zonedIso(from, 'Asia/Kolkata').slice(11, 16))).toEqual([
      '09:00',
      '10:00',
      '11:00',
    ]);
    const [first, second, third] = slots;
    if (!first || !second || !third) throw new Error('three slots');
    // What follows directly behind the buffer is no overlap.
    expect(freeSlots(slots, buffered, [occupiedBy(second, buffered)], 0)).toEqual([first, third]);
    expect(freeSlots(slots, buffered, [], second.from)).toEqual([second, third]);
    expect(
      freeSlots(slots, buffered, [{ from: first.to + 14 * minuteMs, to: first.to + 15 * minuteMs }], 0),
    ).toEqual([second, third]);
  });

  it('tell where somebody works for the whole of a time', () => {
    const work = workSpans(hours('Asia/Kolkata', 540, 600), [], '2026-12-01', '2026-12-01');
    const [span] = work;
    if (!span) throw new Error('a span');
    const hour = { ...visit, duration: 60 };
    expect(slotFrom(work, span.from, hour)).toEqual({ from: span.from, to: span.to, locationId: 'a' });
    expect(slotFrom(work, span.from + minuteMs, hour)).toBeUndefined();
  });

  it('begin where the slots of the hours begin, and are as long where nobody told how long', () => {
    const weekly = hours('Asia/Kolkata', 540, 640, { slotMinutes: 20 });
    const timesOf = (length: SlotVisit) =>
      slotsOn('2026-12-01', weekly, [], length).map((at) => at.slice(11, 16));
    expect(timesOf({ ...visit, lengthUntold: true })).toEqual(['09:00', '09:20', '09:40', '10:00', '10:20']);
    expect(timesOf(visit)).toEqual(['09:00', '09:40']);
    expect(timesOf({ ...visit, duration: 15 })).toHaveLength(5);
    expect(timesOf({ ...visit, duration: 15, bufferAfter: 10 })).toEqual(['09:00', '09:40', '10:20']);
    const work = workSpans(weekly, [], '2026-12-01', '2026-12-01');
    const [first] = makeSlots(work, { ...visit, lengthUntold: true });
    expect(first && slotFrom(work, first.from, { ...visit, lengthUntold: true })).toEqual(first);
  });

  it('are asked for where the hours have one, by the wall clock; the desk may begin between two', () => {
    const weekly = hours('Asia/Kolkata', 540, 640, { slotMinutes: 20 });
    const work = workSpans(weekly, [], '2026-12-01', '2026-12-01');
    const nine = Date.parse('2026-12-01T09:00:00+05:30');
    const at = (minute: number) => nine + minute * minuteMs;
    expect(slotFrom(work, at(20), visit)).toMatchObject({ from: at(20), to: at(50) });
    expect(slotFrom(work, at(10), visit)).toBeUndefined();
    expect(slotFrom(work, at(10), visit, true)).toMatchObject({ from: at(10), to: at(40) });
    expect(slotFrom(work, at(80), visit, true)).toBeUndefined();
    // Other hours of the same time that tell of no slots take any start.
    const beside = workSpans(hours('Asia/Kolkata', 540, 640), [], '2026-12-01', '2026-12-01');
    expect(slotFrom([...work, ...beside], at(10), visit)).toMatchObject({ from: at(10) });
    // What is closed first does not move the slots of the rest; nor does an hour that clocks repeat.
    const closed: HoursException = {
      kind: 'closed',
      date: '2026-12-01',
      starts: 540,
      ends: 550,
      locationId: null,
      zone: null,
    };
    const rest = workSpans(weekly, [closed], '2026-12-01', '2026-12-01');
    expect(slotFrom(rest, at(10), visit)).toBeUndefined();
    expect(slotFrom(rest, at(20), visit)).toMatchObject({ from: at(20) });
    const fall = workSpans(
      hours('America/New_York', 0, 240, { slotMinutes: 45 }),
      [],
      '2026-11-01',
      '2026-11-01',
    );
    const starts = makeSlots(fall, { ...visit, lengthUntold: true }).map(({ from }) => from);
    expect(starts.every((from) => slotFrom(fall, from, { ...visit, lengthUntold: true }))).toBe(true);
  });

  it('are there for the kinds of visit that the hours are for', () => {
    const weekly = [
      ...hours('Asia/Kolkata', 540, 600, { typeIds: ['follow-up'] }),
      ...hours('Asia/Kolkata', 600, 630),
    ];
    const timesOf = (length: SlotVisit) =>
      slotsOn('2026-12-01', weekly, [], length).map((at) => at.slice(11, 16));
    expect(timesOf({ ...visit, id: 'follow-up' })).toEqual(['09:00', '09:30', '10:00']);
    expect(timesOf({ ...visit, id: 'first' })).toEqual(['10:00']);
    expect(timesOf({ ...visit, id: null })).toEqual(['10:00']);
    const work = workSpans(weekly, [], '2026-12-01', '2026-12-01');
    const from = work[0]?.from ?? 0;
    expect(slotFrom(work, from, { ...visit, id: 'first' })).toBeUndefined();
    expect(slotFrom(work, from, { ...visit, id: 'follow-up' })).toMatchObject({ from });
  });

  it('follow the clocks by which the hours are told, and those by which they are closed', () => {
    const dubai = hours('Asia/Dubai', 540, 600, { locationId: null });
    expect(slotsOn('2026-12-01', dubai)).toEqual(['2026-12-01T09:00:00+04:00', '2026-12-01T09:30:00+04:00']);
    const closed = { kind: 'closed', date: '2026-12-01', starts: 630, ends: 660, locationId: null } as const;
    expect(slotsOn('2026-12-01', dubai, [{ ...closed, zone: 'Asia/Kolkata' }])).toEqual([
      '2026-12-01T09:30:00+04:00',
    ]);
    expect(slotsOn('2026-12-01', dubai, [{ ...closed, kind: 'open', zone: 'Asia/Dubai' }])).toHaveLength(3);
  });
});

describe('hours', () => {
  const date = '2026-12-01';
  const closedAt = (locationId: string, starts = 0, ends = 1_440): HoursException => ({
    kind: 'closed',
    date,
    starts,
    ends,
    locationId,
    zone: null,
  });

  it('of an unknown place are closed where any place is: a time is lost rather than a closed one offered', () => {
    const somewhere = hours('Asia/Kolkata', 540, 640, { locationId: null });
    expect(slotsOn(date, somewhere, [closedAt('b')])).toEqual([]);
    expect(slotsOn(date, somewhere, [closedAt('b', 570, 640)])).toEqual(['2026-12-01T09:00:00+05:30']);
    expect(slotsOn(date, hours('Asia/Kolkata', 540, 640), [closedAt('b')])).toHaveLength(3);
  });

  it('that are open besides are for what they say, in slots of their length', () => {
    const open: HoursException = { ...closedAt('a', 720, 760), kind: 'open', zone: 'Asia/Kolkata' };
    const terms = { slotMinutes: 20, typeIds: ['follow-up'] };
    const of = (id: string) =>
      slotsOn(date, [], [{ ...open, ...terms }], { ...visit, id, lengthUntold: true }).length;
    expect([of('follow-up'), of('first')]).toEqual([2, 0]);
  });

  it('instead of which nothing is worked are none', () => {
    const none: HoursException = { ...closedAt('b', 540, 540), kind: 'instead', zone: 'Asia/Kolkata' };
    expect(slotsOn(date, hours('Asia/Kolkata', 540, 640), [none])).toEqual([]);
  });

  it('are closed by what is near, and a year of other dates is not looked into', () => {
    const far = (on: string): HoursException => ({
      ...closedAt('a'),
      date: on,
      get starts(): number {
        throw new Error('it is far');
      },
    });
    const year = Array.from({ length: 365 }, (_, day) => addDays('2026-06-01', day))
      .filter((on) => on < addDays(date, -4) || on > addDays(date, 4))
      .map(far);
    expect(slotsOn(date, hours('Asia/Kolkata', 540, 640), [...year, closedAt('a', 600, 640)])).toHaveLength(
      2,
    );
    // By clocks a day apart it is another date that closes the same time.
    const kiritimati = hours('Pacific/Kiritimati', 540, 600);
    const before: HoursException = { ...closedAt('a'), date: '2026-11-30', zone: 'Pacific/Pago_Pago' };
    expect(slotsOn(date, kiritimati, [before])).toEqual([]);
  });
});

describe('slots around any change of clocks (cal.com #10517, #12137, #4702, #2102: DST and half-hour zones)', () => {
  const changes = [
    ['Asia/Kolkata', '2026-03-08'],
    ['Australia/Lord_Howe', '2026-04-05'],
    ['Australia/Lord_Howe', '2026-10-04'],
    ['America/New_York', '2026-03-08'],
    ['America/New_York', '2026-11-01'],
    ['America/Santiago', '2026-04-05'],
    ['America/Santiago', '2026-09-06'],
    ['Africa/Cairo', '2026-04-24'],
    ['Africa/Cairo', '2026-10-30'],
  ] as const;
  const wallOf = (instant: number, zone: string) => instant + offsetAt(instant, zone);

  it('stand in the hours by the wall clock, are as long as they say, and never overlap', () => {
    assert(
      property(
        record({
          change: constantFrom(...changes),
          starts: integer({ min: 0, max: 95 }),
          length: integer({ min: 1, max: 80 }),
          duration: constantFrom(5, 10, 15, 20, 25, 30, 45, 60, 90),
          bufferBefore: constantFrom(0, 5, 10),
          bufferAfter: constantFrom(0, 5, 15),
          slotMinutes: constantFrom(null, null, 10, 20, 45),
          lengthUntold: constantFrom(true, false),
          days: shuffledSubarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
        }),
        ({ change: [zone, date], starts, length, days, slotMinutes, ...visit }) => {
          const opens = starts * 15;
          const closes = (opens + length * 15) % 1_440 || 1_440;
          const weekly = hours(zone, opens, closes, { slotMinutes }).filter(({ weekday }) =>
            days.includes(weekday),
          );
          const duration = (visit.lengthUntold ? slotMinutes : null) ?? visit.duration;
          const work = workSpans(weekly, [], addDays(date, -2), addDays(date, 2));
          const slots = makeSlots(work, visit);
          const ends = opens + length * 15;
          for (const [index, slot] of slots.entries()) {
            expect(slot.to - slot.from).toBe(duration * minuteMs);
            const next = slots[index + 1];
            if (next) expect(occupiedBy(slot, visit).to).toBeLessThanOrEqual(occupiedBy(next, visit).from);
            // Each of its minutes is a minute of the hours, by the wall clock.
            for (let at = slot.from; at < slot.to; at += 5 * minuteMs) {
              const minute = (wallOf(at, zone) % 86_400_000) / minuteMs;
              const inside = minute >= opens ? minute < ends : minute + 1_440 < ends;
              expect(inside, zonedIso(at, zone)).toBe(true);
            }
          }
          // On a day on which no clock changes nothing is left that one more would fit into.
          const quiet = addDays(date, -2);
          const [only] = realSpans(quiet, opens, ends, zone);
          if (only && only.to - only.from === length * 15 * minuteMs && length * 15 + opens < 1_440) {
            const taken = visit.bufferBefore + duration + visit.bufferAfter;
            const step = slotMinutes === null ? taken : Math.ceil(taken / slotMinutes) * slotMinutes;
            const own = makeSlots(workSpans(weekly, [], quiet, quiet), visit);
            const most = Math.floor((length * 15 - duration) / step) + 1;
            expect(own.length === 0 || own.length === Math.max(0, most)).toBe(true);
            for (const { from } of own) expect((from - only.from) % ((slotMinutes ?? 1) * minuteMs)).toBe(0);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('hold none in the time that clocks jump over', () => {
    for (const [zone, date] of changes) {
      const slots = makeSlots(workSpans(hours(zone, 0, 1_440), [], addDays(date, -1), addDays(date, 1)), {
        duration: 5,
        bufferBefore: 0,
        bufferAfter: 0,
      });
      for (const { from } of slots) {
        const back = instantOfWall(wallOf(from, zone), zone);
        expect(wallOf(back, zone)).toBe(wallOf(from, zone));
      }
      const real = realSpans(addDays(date, -1), 0, 3 * 1_440, zone).reduce(
        (sum, one) => sum + one.to - one.from,
        0,
      );
      // All of the three days' real time is covered, once.
      expect(slots.length * 5 * minuteMs).toBe(real);
    }
  });
});
