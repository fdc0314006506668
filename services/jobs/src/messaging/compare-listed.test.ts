import type { UnclearSend } from '@switchboard/postgres/messaging/sends';
import { expect, it } from 'vitest';
import { type Comparable, findMissing } from './compare-listed.ts';

const at = new Date('2026-11-28T10:00:00Z');
const patient = '+919812345678';

const message = (sid: string, changes: Partial<Comparable> = {}): Comparable => ({
  sid,
  direction: 'outbound-api',
  to: `whatsapp:${patient}`,
  body: 'Hello',
  status: 'sent',
  dateCreated: at,
  ...changes,
});

const send = (messageId: string, changes: Partial<UnclearSend> = {}): UnclearSend => ({
  tenantId: 't',
  messageId,
  attempt: 1,
  channel: 'whatsapp',
  to: patient,
  body: 'Hello',
  template: null,
  templateVariables: {},
  sid: null,
  askedAt: at,
  askedAccount: 'AC1',
  lookups: 3,
  ...changes,
});

const kinds = (listed: Comparable[], known: [string, string | null][], sends: UnclearSend[] = []) =>
  findMissing(
    listed,
    new Map(known.map(([sid, status]) => [sid, { id: sid, status, isOurs: true }])),
    sends,
  ).map(({ kind, message: { sid } }) => `${kind} ${sid}`);

it.each([
  ['queued', 'sent', true],
  ['queued', 'delivered', true],
  ['sent', 'read', true],
  ['sent', 'undelivered', true],
  ['unknown', 'queued', true],
  [null, 'delivered', true],
  ['delivered', 'undelivered', true],
  ['delivered', 'delivered', false],
  ['delivered', 'sent', false],
  ['read', 'delivered', false],
  ['read', 'failed', false],
  ['failed', 'delivered', false],
  ['undelivered', 'failed', false],
  ['received', 'received', false],
  ['queued', 'some new word', false],
])('known as %s, listed as %s: told %s', (known, listed, isTold) => {
  expect(kinds([message('a', { status: listed })], [['a', known]])).toEqual(isTold ? ['status a'] : []);
});

it('what is not known is told as a message', () => {
  const inbound = message('in', { direction: 'inbound', status: 'received' });
  expect(kinds([inbound, message('out')], [])).toEqual(['message in', 'message out']);
});

it('two sends of the same words, of which nobody knows, are found once each', () => {
  const sends = [send('1'), send('2')];
  expect(kinds([message('a')], [], sends)).toEqual(['send a']);
  expect(kinds([message('a'), message('b'), message('c')], [], sends)).toEqual([
    'send a',
    'send b',
    'message c',
  ]);
});

it.each([
  ['another number', send('1', { to: '+919812345679' })],
  ['other words', send('1', { body: 'Hello again' })],
  ['another time', send('1', { askedAt: new Date(at.getTime() - 61_000) })],
  ['another channel', send('1', { channel: 'sms' })],
  ['one that is told already', send('1', { sid: 'b' })],
])('a message of %s is not taken for the send', (_, other) => {
  expect(kinds([message('a')], [], [other])).toEqual(['message a']);
});

it.each([
  ['Dear Asha, we see you on Monday.', 'send'],
  ['', 'send'],
  ['Dear Ravi, we see you on Monday.', 'message'],
])('the words of a template are Twilio’s own, what was put into it is ours: %s is a %s', (body, kind) => {
  const templateVariables = { 1: 'Asha', 2: 'Monday' };
  expect(
    kinds([message('a', { body })], [], [send('1', { template: 'HX1', body: null, templateVariables })]),
  ).toEqual([`${kind} a`]);
});
