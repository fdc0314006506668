import { describe, expect, it } from 'vitest';
import { namedAsHeard } from './as-heard.ts';
import { readWhen } from './read-when.ts';

/** A Monday. */
const today = '2026-11-30';

describe('when somebody wants to come', () => {
  it.each([
    [{ dateFrom: '2026-12-03' }, '2026-12-03', '2026-12-03', undefined],
    [{ dateFrom: '2026-12-03', dateTo: '2026-12-05' }, '2026-12-03', '2026-12-05', undefined],
    [{ dateFrom: 'tomorrow afternoon' }, '2026-12-01', '2026-12-01', [720, 1_020]],
    [{ dateFrom: 'tomorrow', timeOfDay: 'evening' }, '2026-12-01', '2026-12-01', [1_020, 1_260]],
    [{ timeOfDay: 'tomorrow morning' }, '2026-12-01', '2026-12-01', [0, 720]],
    [{ dateFrom: 'next week' }, '2026-12-07', '2026-12-13', undefined],
    [{ dateFrom: 'this week' }, '2026-11-30', '2026-12-06', undefined],
    [{ dateFrom: 'friday', timeOfDay: 'after 4 pm' }, '2026-12-04', '2026-12-04', [960, 1_440]],
    [{ dateFrom: 'friday', timeOfDay: 'before noon' }, '2026-12-04', '2026-12-04', [0, 720]],
    [{ timeOfDay: 'at four' }, '2026-11-30', '2026-12-14', [930, 1_050]],
    [{ dateFrom: 'kal', timeOfDay: 'subah' }, '2026-12-01', '2026-12-01', [0, 720]],
    [{}, '2026-11-30', '2026-12-14', undefined],
    [{ dateFrom: '0001-01-01' }, '2026-11-30', '2026-12-14', undefined],
    [{ dateTo: '9999-12-31' }, '2026-11-30', '2026-12-14', undefined],
    [{ dateFrom: '2026-12-05', dateTo: '2026-12-01' }, '2026-12-05', '2026-12-05', undefined],
  ] as const)('%o is read', (said, from, to, between) => {
    expect(readWhen(said, today)).toMatchObject({ from, to, between });
  });
});

it.each([
  [{}, true],
  [{ timeOfDay: 'any time' }, true],
  [{ timeOfDay: '' }, true],
  [{ dateFrom: 'as soon as possible' }, true],
  [{ dateFrom: 'the next available' }, true],
  [{ dateFrom: 'kabhi bhi' }, true],
  [{ dateFrom: 'tomorrow', timeOfDay: 'at four' }, true],
  [{ dateFrom: '2027-02-30' }, false],
  [{ dateFrom: 'blah blah' }, false],
  [{ dateFrom: 'tomorrow', timeOfDay: '25:00' }, false],
  [{ dateFrom: 'tomorrow', dateTo: 'mumble' }, false],
])('whether all of %o is understood: %s', (said, isClear) => {
  expect(readWhen(said, today).isClear).toBe(isClear);
});

/** A day, or two that it is between; null: any. What is not between times is at any. */
const phrases: [said: string, days: string | [string, string] | null, between?: string][] = [
  ['day after tomorrow evening', '2026-12-02', '17:00-21:00'],
  ['next Monday', '2026-12-07'],
  ['tomorrow at half past four', '2026-12-01', '16:00-18:00'],
  ['half past four', null, '16:00-18:00'],
  ['quarter to six in the evening', null, '17:15-19:15'],
  ['around noon', null, '11:30-13:30'],
  ['first thing in the morning', null, '00:00-10:00'],
  ['as soon as possible', null],
  ['this weekend', ['2026-12-05', '2026-12-06']],
  ['next weekend', ['2026-12-12', '2026-12-13']],
  ['end of the week', ['2026-12-03', '2026-12-05']],
  ['Thursday or Friday', ['2026-12-03', '2026-12-04']],
  ['between 3 and 5', null, '15:00-17:00'],
  ['between three and five pm tomorrow', '2026-12-01', '15:00-17:00'],
  ['from 10 to 12', null, '10:00-12:00'],
  ['between 9 and 11 pm', null, '21:00-23:00'],
  ['from 11 to 2 pm', null, '11:00-14:00'],
  ['4-6', null, '16:00-18:00'],
  ['the fifth', '2026-12-05'],
  ['05/12/2026', '2026-12-05'],
  ['in two days', '2026-12-02'],
  ['within two days', ['2026-11-30', '2026-12-02']],
  ['next few days', ['2026-11-30', '2026-12-03']],
  ['next month', ['2026-12-01', '2026-12-31']],
  ['some time in January', ['2027-01-01', '2027-01-31']],
  ['next week Tuesday', '2026-12-08'],
  ['Tuesday next week', '2026-12-08'],
  ['next week after 5 pm', ['2026-12-07', '2026-12-13'], '17:00-24:00'],
  ['Tuesday after 5', '2026-12-01', '17:00-24:00'],
  ['Wednesday before 11 am', '2026-12-02', '00:00-11:00'],
  ['not before 4 pm', null, '16:00-24:00'],
  ['no later than 11 am', null, '00:00-11:01'],
  ['after half past five', null, '17:30-24:00'],
  ['late afternoon', null, '15:00-18:00'],
  ['early evening', null, '17:00-19:00'],
  ['lunch time', null, '12:00-14:00'],
  ['anytime after lunch', null, '13:30-24:00'],
  ['after work', null, '17:00-24:00'],
  ['evenings only', null, '17:00-21:00'],
  ['tonight', '2026-11-30', '19:00-24:00'],
  ['2026-12-01T16:00:00+05:30', '2026-12-01', '15:30-17:30'],
  ['2026-12-01 16:00', '2026-12-01', '15:30-17:30'],
  ['kal shaam', '2026-12-01', '17:00-21:00'],
  ['parson subah', '2026-12-02', '00:00-12:00'],
  ['somvar ko char baje', '2026-12-07', '15:30-17:30'],
  ['कल शाम', '2026-12-01', '17:00-21:00'],
  ['परसों सुबह', '2026-12-02', '00:00-12:00'],
  ['अगले हफ्ते', ['2026-12-07', '2026-12-13']],
  ['शाम साढ़े पाँच बजे', null, '17:00-19:00'],
  ['बुधवार को सुबह १० बजे', '2026-12-02', '09:30-11:30'],
  ['whenever', null],
];
const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

describe('the ways people say it', () => {
  it.each(phrases)('%s', (dateFrom, days, between) => {
    const when = readWhen({ dateFrom }, today);
    const read = when.between?.map(clock).join('-');
    const [from, to] = typeof days === 'string' ? [days, days] : (days ?? ['2026-11-30', '2026-12-14']);
    expect(when.isClear).toBe(true);
    expect({ from: when.from, to: when.to, anyDay: when.anyDay, read }).toEqual({
      from,
      to,
      anyDay: days === null,
      read: between,
    });
  });
});

describe('a name as heard', () => {
  const known = [
    { id: '1', name: 'Dr. Rohan Mehta' },
    { id: '2', name: 'Dr. Priya Nair' },
    { id: '3', name: 'Dr. Meera Mehta' },
    { id: '4', name: 'Dr. Fatima Sheikh' },
  ];
  it.each([
    ['doctor rohan mehta', ['1']],
    ['dr mehta', ['3', '1']],
    ['Mehata', ['3', '1']],
    ['priya', ['2']],
    ['Nayar', ['2']],
    ['doctor sheik', ['4']],
    ['row han', ['1']],
    ['डॉक्टर नायर', ['2']],
    ['Rao', []],
    ['Gupta', []],
    ['', []],
  ])('%s', (heard, ids) => {
    expect(namedAsHeard(heard, known).map(({ id }) => id)).toEqual(ids);
  });
});
