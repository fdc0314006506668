import { expect, it } from 'vitest';
import { readBirth } from './read-birth.ts';

it.each([
  ['1984-03-09', '1984-03-09'],
  ['the ninth of March 1984', '1984-03-09'],
  ['2026-11-30', '2026-11-30'],
  ['2026-12-01', null],
  ['2127-03-09', null],
  ['1899-12-31', null],
  ['0001-01-01', null],
  ['0000-01-01', null],
  ['in spring', null],
  [undefined, null],
])('%s is %s', (said, born) => {
  expect(readBirth(said, '2026-11-30', false)).toBe(born);
});
