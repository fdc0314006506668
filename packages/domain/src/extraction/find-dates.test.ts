import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { findBirthDates, findDates } from './find-dates.ts';
import { findSpokenTimes, findTimes } from './find-times.ts';

const context = { today: DateTime.fromISO('2026-11-20', { zone: 'Asia/Kolkata' }), monthFirst: false };

describe('findDates, on Friday 2026-11-20', () => {
  it.each([
    ['tomorrow please', 'tomorrow', '2026-11-21'],
    ['the day after tomorrow', 'the day after tomorrow', '2026-11-22'],
    ['on Monday', 'Monday', '2026-11-23'],
    ['Friday works', 'Friday', '2026-11-27'],
    ['next Thursday then', 'next Thursday', '2026-11-26'],
    ['Sunday this week', 'Sunday this week', '2026-11-22'],
    ['Tuesday next week', 'Tuesday next week', '2026-11-24'],
    ['on the 7th', 'the 7th', '2026-12-07'],
    ['the 25th of this month', 'the 25th of this month', '2026-11-25'],
    ['December 3rd at noon', 'December 3rd', '2026-12-03'],
    ['the third of december', 'the third of december', '2026-12-03'],
    ['twenty-first of January', 'twenty-first of January', '2027-01-21'],
    ['Monday, November 30', 'Monday, November 30', '2026-11-30'],
    ['2026-12-01', '2026-12-01', '2026-12-01'],
    ['03/12/2026', '03/12/2026', '2026-12-03'],
    ['in two weeks', 'in two weeks', '2026-12-04'],
    ['kal subah', 'kal', '2026-11-21'],
    ['parso', 'parso', '2026-11-22'],
    ['agle somvaar ko', 'agle somvaar ko', '2026-11-23'],
    ['31st of November', '31st of November', null],
    ['on the 31st', 'the 31st', '2026-12-31'],
    ['the first would be good', 'the first', '2026-12-01'],
    ['last monday', 'last monday', '2026-11-16'],
    ['last friday', 'last friday', '2026-11-13'],
    ['10 may', '10 may', '2027-05-10'],
  ])('%s', (text, value, normalised) => {
    expect(findDates(text, context)).toMatchObject([{ value, normalised }]);
  });

  it.each([
    'I am calling about may be two things',
    'the first one',
    '5th floor',
    'on 4th street',
    'March on',
    '10 may be better',
    'the first available slot',
    'the second doctor is better',
    'the third week of december',
    'the first opening you have',
    '4th cross',
  ])('no date in: %s', (text) => {
    expect(findDates(text, context)).toEqual([]);
  });

  it('birth dates have a year and lie in the past', () => {
    expect(findBirthDates('born on 12 April 1990, free on 3 December', context)).toMatchObject([
      { value: '12 April 1990', normalised: '1990-04-12' },
    ]);
  });

  it('spans point at the value', () => {
    const text = 'Could we do it on the 7th or next Monday?';
    for (const { start, end, value } of findDates(text, context)) expect(text.slice(start, end)).toBe(value);
  });
});

describe('findTimes', () => {
  it.each([
    ['4 pm', '16:00'],
    ['4:30 p.m.', '16:30'],
    ['half past 3 in the afternoon', '15:30'],
    ['quarter to five', '16:45'],
    ['ten past nine in the morning', '09:10'],
    ["3 o'clock in the afternoon", '15:00'],
    ['eleven in the morning', '11:00'],
    ['13:30', '13:30'],
    ['four thirty', '16:30'],
    ['ten forty-five am', '10:45'],
    ['noon', '12:00'],
    ['12 am', '00:00'],
    ['evening 6:30', '18:30'],
    ['shaam 5 baje', '17:00'],
    ['subah saadhe das baje', '10:30'],
    ['paune chaar baje', '15:45'],
    ['dhai baje', '14:30'],
  ])('%s', (text, normalised) => {
    expect(findTimes(text)).toMatchObject([{ value: text, normalised }]);
  });

  it.each(['5 minutes', '$4.50', '98:76', 'route 66', 'a dose of 2.5 mg', '2026-11-20', '10.5 percent'])(
    'none in: %s',
    (text) => {
      expect(findTimes(text)).toEqual([]);
    },
  );

  it('bare hours where they can be meant', () => {
    expect(findSpokenTimes('can we do it at 4', false)).toMatchObject([{ value: '4', normalised: '16:00' }]);
    expect(findSpokenTimes('9', true)).toMatchObject([{ value: '9', normalised: '09:00' }]);
    expect(findSpokenTimes('9', false)).toEqual([]);
    expect(findSpokenTimes('at 4 Hill Road', false)).toEqual([]);
  });
});
