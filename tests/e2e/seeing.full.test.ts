import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { eventId } from '@switchboard/domain/ids';
import { twilioEventId } from '@switchboard/domain/messaging/twilio-event-id';
import { freePort } from '@switchboard/embedded';
import { firing } from '@switchboard/monitoring/firing';
import { readRules } from '@switchboard/monitoring/read-rules';
import { type Switchboard, startSwitchboard } from '@switchboard/start';
import { readRunning } from '@switchboard/start/running-file';
import { signZoice } from '@switchboard/testkit/signing';
import { signedHeaders } from '@switchboard/testkit/twilio/twilio-webhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

/** What a person on call sees of a running system: traces, the canary, the series that alerts ask for, lag. */

const phone = '+919876501234';
const words = 'Zebulon Quickfinger';
const spans: z.infer<typeof spanShape>[] = [];
const bodies: string[] = [];

const spanShape = z.object({
  traceId: z.string(),
  name: z.string(),
  attributes: z.array(z.object({ key: z.string(), value: z.looseObject({}) })),
});
const sentShape = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(spanShape) })) })),
});

const collector = createServer(async (request, response) => {
  const body = await text(request);
  bodies.push(body);
  const { resourceSpans } = sentShape.parse(JSON.parse(body));
  for (const { scopeSpans } of resourceSpans) for (const one of scopeSpans) spans.push(...one.spans);
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});
let dir: string;
let running: Switchboard;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-seeing-'));
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  const ingest = await freePort();
  running = await startSwitchboard({
    dir,
    ports: { ingest },
    patienceMs: 600_000,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
    serviceEnv: {
      jobs: { JOBS_CANARY_URL: `http://127.0.0.1:${ingest}`, JOBS_CANARY_MS: '60000', JOBS_LAG_MS: '200' },
    },
  });
});
afterAll(async () => {
  await running?.stop();
  collector.close();
  await rm(dir, { recursive: true, force: true });
});

/** Sends something to ingest under a trace. @returns the id of its event */
type Send = (traceparent?: string) => Promise<string>;

async function post(path: string, body: string, headers: Record<string, string>): Promise<void> {
  const answer = await fetch(`${running.demo.ingest}${path}`, { method: 'POST', body, headers });
  if (!answer.ok) throw new Error(`ingest answered ${answer.status}`);
}

const sendCall: Send = async (traceparent = '') => {
  const { tenant, webhook_secret: secret } = running.demo;
  const id = randomUUID();
  const body = JSON.stringify({
    event: 'call.completed',
    event_id: id,
    occurred_at: new Date().toISOString(),
    call: { id: randomUUID(), direction: 'inbound', from: phone, status: 'completed', duration_seconds: 60 },
    transcript: { language: 'en', turns: [{ index: 0, speaker: 'caller', text: `My name is ${words}.` }] },
  });
  const signed = signZoice(secret, body, Math.floor(Date.now() / 1_000));
  await post(`/api/v1/voice/webhook/${tenant}`, body, { ...signed, traceparent });
  return eventId(tenant, 'zoice', 'voice-call', id);
};

const sendRecord: Send = async (traceparent = '') => {
  const { tenant, api_key: key } = running.demo;
  const [id, source] = [randomUUID(), '/clinic/emr'];
  const [first_name, last_name] = words.split(' ');
  const start = new Date(Date.now() + 86_400_000).toISOString();
  const patient = { external_id: `P-${id}`, first_name, last_name, phones: [phone] };
  const event = {
    ...{ specversion: '1.0', id, source, type: 'appointment.booked', subject: `A-${id}` },
    ...{ time: new Date().toISOString(), data: { patient, start, notes: words } },
  };
  const headers = { 'content-type': 'application/cloudevents+json', 'x-api-key': key };
  await post('/api/v1/events', JSON.stringify(event), { ...headers, traceparent });
  return eventId(tenant, 'events', 'record', id, source);
};

const sendMessage: Send = async (traceparent = '') => {
  const { tenant, twilio_public_url: publicUrl, twilio_auth_token: token } = running.demo;
  const path = `/api/v1/whatsapp/webhook/${tenant}`;
  const sid = `SM${randomBytes(16).toString('hex')}`;
  const form = {
    ...{ MessageSid: sid, SmsStatus: 'received', Body: `My name is ${words}.`, NumMedia: '0' },
    ...{ From: `whatsapp:${phone}`, To: 'whatsapp:+912240001234' },
  };
  const signed = signedHeaders({ url: `${publicUrl}${path}`, form }, token);
  await post(path, new URLSearchParams(form).toString(), { ...signed, traceparent });
  return twilioEventId(tenant, 'message.received', sid, null);
};

async function metricsOf(name: string): Promise<string> {
  const process = (await readRunning(dir))?.processes.find((one) => one.name === name);
  return (await fetch(`http://127.0.0.1:${process?.port}/metrics`)).text();
}

const names = ['ingest', 'enrich', 'sink-postgres', 'sink-clickhouse', 'api', 'jobs'];
const allMetrics = async () => (await Promise.all(names.map(metricsOf))).join('\n');

const until = (look: () => Promise<unknown> | unknown) =>
  expect.poll(look, { timeout: 180_000, interval: 200 });

describe('what is seen of a running system', () => {
  it.each([
    { what: 'a call', send: sendCall, steps: ['block', 'enrich', 'ingest', 'sink'] },
    { what: 'a record of the clinic’s system', send: sendRecord, steps: ['block', 'ingest', 'sink'] },
    { what: 'a WhatsApp message', send: sendMessage, steps: ['block', 'enrich', 'ingest', 'sink'] },
  ])(
    'one trace follows $what from ingest to its block, with its ids and nothing of the patient',
    async ({ send, steps }) => {
      const traceId = randomBytes(16).toString('hex');
      const id = await send(`00-${traceId}-${randomBytes(8).toString('hex')}-01`);
      const own = () => spans.filter((span) => span.traceId === traceId);
      await until(() => [...new Set(own().map(({ name }) => name))].sort()).toEqual(steps);
      for (const { attributes } of own())
        expect(attributes.map(({ key }) => key)).toEqual(expect.arrayContaining(['event.id', 'tenant.id']));
      expect(JSON.stringify(own())).toContain(id);
      expect(bodies.join()).not.toMatch(new RegExp(`${phone.slice(1)}|${words}|Zebulon|transcript`));
    },
  );

  it('the canary comes through the whole way', async () => {
    await until(() => metricsOf('jobs')).toMatch(
      /^switchboard_canary_events_total\{result="visible".*\} [1-9]/m,
    );
  });

  it('every series that an alert asks for is exported by some process', async () => {
    const exported = new Set([...(await allMetrics()).matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
    const rules = await readFile(new URL('../../infra/prometheus/alerts.yml', import.meta.url), 'utf8');
    const asked = [...rules.matchAll(/\b((?:switchboard|kafka|http|process|nodejs)_[a-z0-9_]+)(?=[{[ ])/g)]
      .map(([, name = '']) => (exported.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')))
      .filter((name) => !exported.has(name));
    expect(asked).toEqual([]);
  });

  it('no alert tells of anything while all is well, and one of what is set aside', async () => {
    const before = await allMetrics();
    await sendCall();
    const now = await allMetrics();
    for (const { alert } of readRules()) expect([alert, firing(alert, { before, now })]).toEqual([alert, []]);
    const { tenant, webhook_secret: secret } = running.demo;
    const broken = '{"event":';
    const signed = signZoice(secret, broken, Math.floor(Date.now() / 1_000));
    const refused = post(`/api/v1/voice/webhook/${tenant}`, broken, { ...signed });
    await expect(refused).rejects.toThrow('ingest answered 400');
    await until(async () => firing('DeadLetters', { before, now: await allMetrics() })).toEqual([
      { labels: { stage: 'ingest', reason: 'not_json' }, value: 1 },
    ]);
  });

  it('lag grows in messages and seconds while nobody reads, and is gone when somebody does', async () => {
    const lag = (name: string) => async () => {
      const line = new RegExp(
        `^${name}\\{consumergroup="switchboard.enrich",topic="voice-call.received.v1".*\\} (\\S+)$`,
        'm',
      );
      return Number(line.exec(await metricsOf('jobs'))?.[1]);
    };
    await running.hold('enrich');
    await sendCall();
    await until(lag('kafka_consumergroup_lag')).toBe(1);
    await until(lag('kafka_consumergroup_lag_seconds')).toBeGreaterThan(2);
    await running.release('enrich');
    await until(lag('kafka_consumergroup_lag')).toBe(0);
    expect(await lag('kafka_consumergroup_lag_seconds')()).toBe(0);
  });
});
