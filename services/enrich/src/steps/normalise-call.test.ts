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

it('reads a number again as it did before, and by each clinic’s own country', async () => {
  const called = (country: string, from: string | null): Placed => {
    const event = { call: { direction: 'inbound', from_number: from, to_number: null }, transcript: null };
    return JSON.parse(JSON.stringify({ event, clinic: { country } }));
  };
  const normalise = createNormaliseCallStep();
  const given = [
    called('IN', '98123 45678'),
    called('GB', '07911 123456'),
    called('IN', '07911 123456'),
    called('IN', 'anonymous'),
    called('IN', null),
  ];
  const read = async () =>
    (await normalise(given)).map((answer) => (answer.kind === 'ok' ? answer.value.contactPhone : answer));
  const first = await read();
  expect(first.slice(0, 2)).toEqual(['+919812345678', '+447911123456']);
  expect(first[2]).not.toBe(first[1]);
  expect(first.slice(3)).toEqual([null, null]);
  expect(await read()).toEqual(first);
});
