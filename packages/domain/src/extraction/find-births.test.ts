import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { findSaidBirths } from './find-births.ts';

const today = DateTime.fromISO('2026-11-20', { zone: 'utc' });

describe('findSaidBirths', () => {
  it.each([
    ['fifteenth august nineteen eighty', '1980-08-15'],
    ['fifteen eight nineteen eighty', '1980-08-15'],
    ['august fifteen eighty', '1980-08-15'],
    ['15 8 80', '1980-08-15'],
    ['15 august 80', '1980-08-15'],
    ['3rd of may nineteen ninety two', '1992-05-03'],
    ['twenty first of january two thousand and five', '2005-01-21'],
    ['ninth of june twenty fifteen', '2015-06-09'],
    ['12/04/1990', '1990-04-12'],
    ['१२/०४/१९९०', '1990-04-12'],
    ['nineteen eighty', null],
    ['1980', null],
  ])('%s', (text, normalised) => {
    expect(findSaidBirths(text, { today, monthFirst: false })).toMatchObject([{ value: text, normalised }]);
  });

  it('reads months first where they are written so, and nothing that is to come', () => {
    expect(findSaidBirths('8 15 80', { today, monthFirst: true })).toMatchObject([
      { normalised: '1980-08-15' },
    ]);
    expect(findSaidBirths('3 4 80', { today, monthFirst: true })).toMatchObject([
      { normalised: '1980-03-04' },
    ]);
    expect(findSaidBirths('the 3rd of December', { today, monthFirst: false })).toEqual([]);
  });
});
