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
    [{ dateFrom: '2026-12-05', dateTo: '2026-12-01' }, '2026-12-05', '2026-12-05', undefined],
  ] as const)('%o is read', (said, from, to, between) => {
    expect(readWhen(said, today)).toMatchObject({ from, to, between });
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
    ['Gupta', []],
    ['', []],
  ])('%s', (heard, ids) => {
    expect(namedAsHeard(heard, known).map(({ id }) => id)).toEqual(ids);
  });
});
