import { expect, test } from 'vitest';
import { optWordOf } from './opt-words.ts';

test.each([
  ['STOP', null, 'out'],
  [' Stop. ', null, 'out'],
  ['“Stop”', null, 'out'],
  ['Unsubscribe!!', null, 'out'],
  ['opt-out', null, 'out'],
  ['STOP  ALL', null, 'out'],
  ['Message mat bhejo', null, 'out'],
  ['बंद करो।', null, 'out'],
  ['start', null, 'in'],
  ['UNSTOP', null, 'in'],
  ['शुरू करो', null, 'in'],
  ['Does the bus stop near you?', null, null],
  ['stop by at 4', null, null],
  ['Start 10', null, null],
  ['Cancel', null, null],
  ['Cancel', 'STOP', 'out'],
  ['STOP ✋\u{fe0f}', null, 'out'],
  ['I want to cancel my appointment', null, null],
  ['', null, null],
  [null, null, null],
  ['Leave me alone', 'STOP', 'out'],
  ['yes', 'START', 'in'],
  ['help', 'HELP', null],
])('%j, with what Twilio makes of it %j: %s', (text, told, expected) => {
  expect(optWordOf(text, told)).toBe(expected);
});
