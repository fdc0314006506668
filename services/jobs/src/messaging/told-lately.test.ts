import { expect, it } from 'vitest';
import { rememberTold } from './told-lately.ts';

let time = 0;
const known = (told: ReturnType<typeof rememberTold>) => ['a', 'b', 'c'].filter((id) => told.has(id));

it('remembers what was told for its time, anew where it is told again', () => {
  const told = rememberTold({ now: () => time, forMs: 10, most: 9 });
  told.add('a');
  told.add('b');
  time += 9;
  expect(known(told)).toEqual(['a', 'b']);
  told.add('a');
  time += 1;
  expect(known(told)).toEqual(['a']);
});

it('forgets the oldest of too many', () => {
  const told = rememberTold({ now: () => time, forMs: 10, most: 2 });
  for (const id of ['a', 'b', 'a', 'c']) told.add(id);
  expect(known(told)).toEqual(['a', 'c']);
});
