import { randomBytes, randomUUID } from 'node:crypto';
import { createSealer } from '@switchboard/platform';
import { describe, expect, it } from 'vitest';
import { avroContentType } from './avro-content.ts';
import { buildDeadLetter, type FailedEvent, failedMessage } from './dead-letter.ts';
import type { Producer } from './producer.ts';
import { putBack } from './put-back.ts';
import { frame } from './wire-format.ts';

type Message = Parameters<Producer['send']>[0];

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
  const [eventId, tenantId] = [randomUUID(), randomUUID()];
  const message = {
    key: 't1:c1',
    value: Buffer.from('x'),
    headers: { 'event-id': eventId, 'tenant-id': tenantId, 'received-at': '2026-11-20T05:02:11.000Z' },
    partition: 3,
    offset: '1',
    timestamp: 5,
  };
  expect(failedMessage('p.', 'p.voice-call.received.v1', message)).toMatchObject({
    tenantId,
    eventId,
    topic: 'voice-call.received.v1',
    messageKey: 't1:c1',
    firstAt: Date.parse('2026-11-20T05:02:11.000Z'),
  });
  expect(failedMessage('p.', 'p.dead-letter.v1', { ...message, headers: {} })).toMatchObject({
    eventId: null,
    firstAt: 5,
  });
});

it('takes of a foreign message’s headers and key only what a row can keep', () => {
  const headers = { 'event-id': 'order-17', 'tenant-id': 'asha', 'replay-id': '1' };
  const message = { key: 'a\0b', value: Buffer.from('x'), headers, partition: 3, offset: '1', timestamp: 5 };
  expect(failedMessage('p.', 'p.voice-call.received.v1', message)).toMatchObject({
    ...{ tenantId: null, eventId: null, replayId: null, messageKey: 'ab' },
  });
});

it('carries the trace of a message that is set aside to where it is put back, and takes nothing else for one', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const message = { key: 'k', value: event.body, partition: 0, offset: '1', timestamp: 5 };
  const putBackWith = async (headers: Record<string, string>) => {
    const failed = failedMessage('p.', 'p.voice-call.received.v1', { ...message, headers });
    const letter = buildDeadLetter({ ...event, ...failed }, sealer);
    expect(letter.schema_id).toBe(9);
    const sent: Message[] = [];
    const producer = { send: async (one: Message) => void sent.push(one) };
    await putBack(
      { producer, prefix: 'p.' },
      {
        topic: 'voice-call.received.v1',
        key: letter.message_key,
        body: sealer.open(letter.sealed),
        contentType: letter.content_type,
        tenantId: letter.tenant_id,
        eventId: letter.event_id,
        receivedAt: new Date(letter.first_at),
        replayId: 'r1',
      },
    );
    return sent[0]?.headers?.traceparent;
  };
  expect(await putBackWith({ traceparent })).toBe(traceparent);
  expect(await putBackWith({})).toBeUndefined();
  expect(await putBackWith({ traceparent: 'x; charset=utf-8' })).toBeUndefined();
});
