import { expect, it } from 'vitest';
import { requestExpiry } from './request-expiry.ts';

const askedAt = Date.parse('2026-11-30T10:00:00+05:30');

it.each([
  ['the time that was wanted', { date: '2026-12-04', time: '16:00' }, '2026-12-04T16:00:00+05:30'],
  ['the end of the day that was wanted', { date: '2026-12-04' }, '2026-12-05T00:00:00+05:30'],
  ['a day at least', { date: '2026-11-30', time: '11:00' }, '2026-12-01T10:00:00+05:30'],
  ['two weeks, where no time was said', {}, '2026-12-14T10:00:00+05:30'],
  [
    'two weeks, where that time was over when it was said',
    { date: '2026-11-29' },
    '2026-12-14T10:00:00+05:30',
  ],
  ['two weeks, where there is no such day', { date: 'soon', time: '11:00' }, '2026-12-14T10:00:00+05:30'],
])('a request waits until %s', (_until, wanted, expected) => {
  expect(requestExpiry(wanted, askedAt, 'Asia/Kolkata')).toBe(Date.parse(expected));
});
