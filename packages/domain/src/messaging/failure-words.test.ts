import { expect, test } from 'vitest';
import { failureWords } from './failure-words.ts';

test.each([
  ['failed', '63016', 'More than 24 hours had passed since the contact wrote. Send a template.'],
  ['undelivered', '21610', 'The contact asked not to be written to.'],
  ['failed', 'opted_out', 'The contact asked not to be written to.'],
  ['failed', '99999', 'Twilio’s code is 99999.'],
  ['failed', 'constructor', 'Twilio’s code is constructor.'],
  ['failed', null, 'No reason was given.'],
  ['unknown', 'no_answer', 'Twilio did not answer, so that nobody knows whether it was sent.'],
  ['unknown', '500', 'Nobody knows whether it was sent (500).'],
  ['unknown', null, 'Nobody knows whether it was sent.'],
  ['delivered', '63016', undefined],
  ['queued', null, undefined],
  [null, '63016', undefined],
])('a message that is %s with code %s: %s', (status, code, expected) => {
  expect(failureWords(status, code)).toBe(expected);
});
