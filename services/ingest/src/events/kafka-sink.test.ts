import { createLogger } from '@switchboard/platform';
import { receivedEvent } from '@switchboard/testkit/factories';
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

const secret = '+919876501234';
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
async function send(takenAgain: boolean, level = 'debug') {
  const spans: { startedAt: number; endedAt: number }[] = [];
  const headers: (object | undefined)[] = [];
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger(
    { service: 'test', level },
    { write: (line) => void lines.push(JSON.parse(line)) },
  );
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
    logger,
    takenAgain,
  });
  const given = { 'received-at': new Date(came).toISOString(), 'event-id': 'of the event', traceparent };
  await sink.sendDeadLetter(letter, given);
  await sink.sendCall(receivedEvent({ call: { from_number: secret } }), given);
  return { span: spans[0], headers: headers[0], lines };
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

it('the log names the event and its trace, at level debug alone, and nothing of the patient', async () => {
  const { lines } = await send(false);
  const told = { level: 'debug', event_id: 'of the event', trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' };
  expect(lines).toEqual([
    expect.objectContaining({ ...told, topic: 'dead-letter.v1', msg: 'event set aside' }),
    expect.objectContaining({ ...told, topic: 'voice-call.received.v1', msg: 'event accepted' }),
  ]);
  expect(JSON.stringify(lines)).not.toContain(secret.slice(1));
  expect((await send(false, 'info')).lines).toEqual([]);
});
