import { expect, it } from 'vitest';
import type { Placed } from '../events.ts';
import { createNormaliseCallStep } from './normalise-call.ts';

it.each([
  ['en', 'en-IN', 'en-IN'],
  ['hi', 'en-IN', 'hi'],
  [null, 'en-IN', 'en-IN'],
  ['en', null, 'en'],
  ['english', 'hi-IN', 'en'],
])('a transcript in %s of a call in %s is in %s', async (transcript, call, language) => {
  const event = { call: { language: call }, transcript: { language: transcript, turns: [] } };
  const placed: Placed = JSON.parse(JSON.stringify({ event, clinic: { country: 'IN' } }));
  const [answer] = await createNormaliseCallStep()([placed]);
  expect(answer).toMatchObject({ value: { language } });
});
