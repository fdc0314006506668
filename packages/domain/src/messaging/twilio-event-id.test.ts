import { expect, it } from 'vitest';
import { readTwilioStatus, twilioEventId } from './twilio-event-id.ts';

const tenant = '01990000-0000-7000-8000-000000000001';
const sid = 'SM00000000000000000000000000000001';

it('a message counts once, whatever it is said to be in by then', () => {
  const id = twilioEventId(tenant, 'message.received', sid, 'received');
  expect(twilioEventId(tenant, 'message.received', sid, null)).toBe(id);
  expect(twilioEventId(tenant, 'message.received', `${sid}2`, null)).not.toBe(id);
  expect(twilioEventId(tenant, 'message.edited', sid, null)).not.toBe(id);
  expect(twilioEventId('01990000-0000-7000-8000-000000000002', 'message.received', sid, null)).not.toBe(id);
});

it('each status of a message counts once', () => {
  const id = twilioEventId(tenant, 'message.status', sid, 'delivered');
  expect(twilioEventId(tenant, 'message.status', sid, ' Delivered')).toBe(id);
  expect(twilioEventId(tenant, 'message.status', sid, 'read')).not.toBe(id);
});

it.each([
  ['accepted', 'queued'],
  ['Delivered', 'delivered'],
  ['canceled', 'failed'],
  ['constructor', null],
  ['', null],
])('Twilio’s %s is %s', (word, status) => {
  expect(readTwilioStatus(word)).toBe(status);
});
