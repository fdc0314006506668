import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventInLog } from './trace-context.ts';
import { createTracing, noTracing } from './tracing.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';
const received: string[] = [];
let answer = 200;
const collector = createServer(async (request, response) => {
  received.push(`${request.method} ${request.url} ${await text(request)}`);
  response.writeHead(answer, { 'content-type': 'application/json' }).end('{}');
});
let endpoint: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});
afterAll(() => collector.close());

it('is off, and loads nothing, without an endpoint', async () => {
  expect(await createTracing('ingest', undefined)).toBe(noTracing);
});

it('sends spans under the event’s trace, and none of what was not sampled or has no trace', async () => {
  const tracing = await createTracing('ingest', endpoint);
  const span = { name: 'ingest', startedAt: 1_000, endedAt: 1_250, attributes: { topic: 'a.topic' } };
  tracing.record({ ...span, traceparent: `00-${trace}-${parent}-01` });
  tracing.record({ ...span, name: 'unsampled', traceparent: `00-${trace}-${parent}-00` });
  for (const traceparent of [null, undefined, '', 'x', `00-${'0'.repeat(32)}-${parent}-01`])
    tracing.record({ ...span, name: 'untraced', traceparent });
  await tracing.stop();
  await expect.poll(() => received, { timeout: 30_000 }).toHaveLength(1);
  const [request = ''] = received;
  expect(request).toMatch(/^POST \/v1\/traces /);
  const sent = JSON.parse(request.slice(request.indexOf('{')));
  const [{ scopeSpans, resource }] = sent.resourceSpans;
  expect(resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'ingest' } });
  expect(scopeSpans[0].spans).toHaveLength(1);
  expect(scopeSpans[0].spans[0]).toMatchObject({
    traceId: trace,
    parentSpanId: parent,
    name: 'ingest',
    startTimeUnixNano: '1000000000',
    endTimeUnixNano: '1250000000',
    attributes: [{ key: 'topic', value: { stringValue: 'a.topic' } }],
  });
}, 60_000);

it('a collector that is away, or refuses, is nobody’s concern', async () => {
  answer = 500;
  for (const where of [endpoint, 'http://127.0.0.1:9']) {
    const tracing = await createTracing('ingest', where);
    tracing.record({ name: 'ingest', traceparent: `00-${trace}-${parent}-01`, startedAt: 0, endedAt: 1 });
    await tracing.stop();
  }
  const headers = { 'event-id': 'an event', traceparent: `00-${trace}-${parent}-01` };
  expect(eventInLog(headers)).toEqual({ event_id: 'an event', trace_id: trace });
}, 60_000);
