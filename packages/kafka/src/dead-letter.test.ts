import { randomBytes } from 'node:crypto';
import { createSealer } from '@switchboard/platform';
import { describe, expect, it } from 'vitest';
import { avroContentType, buildDeadLetter, type FailedEvent, failedMessage } from './dead-letter.ts';
import { frame } from './wire-format.ts';

const sealer = createSealer(randomBytes(32));
const event: FailedEvent = {
  tenantId: 't1',
  stage: 'enrich',
  reason: 'bad_payload',
  source: 'switchboard.voice-call.received.v1',
  body: frame(9, Buffer.from('     Asha Rao')),
  contentType: avroContentType,
};

describe('buildDeadLetter', () => {
  it('keeps the original bytes, sealed, and the id of their schema', () => {
    const letter = buildDeadLetter(event, sealer);
    expect(sealer.open(letter.sealed)).toEqual(event.body);
    expect(letter.sealed.includes('Asha')).toBe(false);
    expect(letter).toMatchObject({ schema_id: 9, attempts: 1, event_id: null, topic: null });
  });

  it('is one per event and stage, by event id where there is one, else by the bytes', () => {
    const id = (change: Partial<FailedEvent>) =>
      buildDeadLetter({ ...event, ...change }, sealer).dead_letter_id;
    expect(id({})).toBe(id({ reason: 'schema_mismatch', attempts: 4 }));
    expect(id({ eventId: 'e1' })).toBe(id({ eventId: 'e1', body: Buffer.from('other') }));
    const different = [
      id({}),
      id({ eventId: 'e1' }),
      id({ stage: 'sink' }),
      id({ tenantId: null }),
      id({ body: Buffer.from('b') }),
    ];
    expect(new Set(different).size).toBe(different.length);
  });
});

it('tells of a message what its headers say', () => {
  const message = {
    key: 't1:c1',
    value: Buffer.from('x'),
    headers: { 'event-id': 'e1', 'tenant-id': 't1', 'received-at': '2026-11-20T05:02:11.000Z' },
    partition: 3,
    offset: '1',
    timestamp: 5,
  };
  expect(failedMessage('p.', 'p.voice-call.received.v1', message)).toMatchObject({
    tenantId: 't1',
    eventId: 'e1',
    topic: 'voice-call.received.v1',
    messageKey: 't1:c1',
    firstAt: Date.parse('2026-11-20T05:02:11.000Z'),
  });
  expect(failedMessage('p.', 'p.dead-letter.v1', { ...message, headers: {} })).toMatchObject({
    eventId: null,
    firstAt: 5,
  });
});
