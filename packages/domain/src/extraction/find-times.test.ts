import { describe, expect, it } from 'vitest';
import { findSpokenTimes, findTimes } from './find-times.ts';

describe('bare hours', () => {
  it.each([
    ['tomorrow at four please', 'four', '16:00'],
    ['i want to come at 4 tomorrow', '4', '16:00'],
    ['at 4, please', '4', '16:00'],
    ['at five with doctor mehta', 'five', '17:00'],
    ['can i come at 11 on monday', '11', '11:00'],
    ['monday at 10 works for me', '10', '10:00'],
    ['make it 5 then', '5', '17:00'],
    ['at around 3 would be great', '3', '15:00'],
    ['at 4 I can come', '4', '16:00'],
    ['at 4 on Monday', '4', '16:00'],
    ['tomorrow at 10 30', '10 30', '10:30'],
    ['at 9 15 please', '9 15', '09:15'],
  ])('%s', (text, value, normalised) => {
    expect(findSpokenTimes(text, false)).toMatchObject([{ value, normalised }]);
  });

  it.each([
    'at 4 Hill Road',
    'at 4 hill road bandra',
    'for two people',
    'for 5 days',
    'for three weeks now',
    'by 2 percent',
    'for 4 children',
    'about 12 tablets',
    'at 4-5',
    'at 2.5 mg',
  ])('none in: %s', (text) => {
    expect(findSpokenTimes(text, false)).toEqual([]);
  });

  it('asked for a time, a number at the beginning is one', () => {
    expect(findSpokenTimes('10 30', true)).toMatchObject([{ value: '10 30', normalised: '10:30' }]);
    expect(findSpokenTimes('maybe 4', true)).toMatchObject([{ value: '4', normalised: '16:00' }]);
  });
});

describe('hour and minutes with a blank between', () => {
  it.each([
    ['10 30 am', '10:30'],
    ['12 30 pm', '12:30'],
    ['9 30 in the morning', '09:30'],
  ])('%s', (text, normalised) => {
    expect(findTimes(text)).toMatchObject([{ value: text, normalised }]);
  });
});
