import { expect, it } from 'vitest';
import { createKafkaSink } from './kafka-sink.ts';

const came = Date.parse('2026-11-20T05:02:11.000Z');
const letter = {
  dead_letter_id: 'a-letter',
  tenant_id: null,
  stage: 'ingest',
  reason: 'not_json',
  detail: null,
  source: 'zoice',
  topic: null,
  event_id: null,
  call_id: null,
  message_key: null,
  schema_id: null,
  content_type: 'application/json',
  sealed: Buffer.alloc(0),
  attempts: 1,
  first_at: came,
  last_at: came,
  replay_id: null,
} as const;

async function send(takenAgain: boolean) {
  const spans: { startedAt: number; endedAt: number }[] = [];
  const headers: (object | undefined)[] = [];
  const producer = {
    send: async (message: { headers?: object | undefined }) => void headers.push(message.headers),
    check: async () => undefined,
  };
  const sink = createKafkaSink({
    producer,
    letterProducer: producer,
    codec: { encode: async () => Buffer.alloc(0), prepare: async () => undefined },
    prefix: '',
    deadlineMs: 2_000,
    tracing: { isOn: true, record: (span) => void spans.push(span), stop: async () => undefined },
    takenAgain,
  });
  await sink.sendDeadLetter(letter, { 'received-at': new Date(came).toISOString() });
  return { span: spans[0], headers: headers[0] };
}

it('a span of ingest begins when its event came', async () => {
  const { span, headers } = await send(false);
  expect(span?.startedAt).toBe(came);
  expect(headers).not.toHaveProperty('taken-again');
});

it('a span of what was set aside days ago begins when it is taken again, and the event says so', async () => {
  const before = Date.now();
  const { span, headers } = await send(true);
  expect(span?.startedAt).toBeGreaterThanOrEqual(before);
  expect(headers).toMatchObject({ 'taken-again': '1', 'received-at': '2026-11-20T05:02:11.000Z' });
});
