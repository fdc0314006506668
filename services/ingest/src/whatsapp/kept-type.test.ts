import { expect, it } from 'vitest';
import { keptType, sendIdIn } from './kept-type.ts';

const id = '0190f3c1-5c0a-7d1e-9a55-3f6f1c2d4e5f';
const form = 'application/x-www-form-urlencoded; charset=UTF-8';

it('a callback that is set aside keeps the id that its address carried', () => {
  expect(keptType(form, id.toUpperCase())).toBe(`${form}; send=${id}`);
  expect(sendIdIn(keptType(form, id))).toBe(id);
});

it('what carries none, or what is no id, is kept as it came', () => {
  for (const none of [null, '', 'm1', `${id}; send=${id}`]) expect(keptType(form, none)).toBe(form);
  expect(sendIdIn(form)).toBeNull();
  expect(sendIdIn(`${form}; send=m1`)).toBeNull();
});
