import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from '@switchboard/embedded';
import { firing } from '@switchboard/monitoring/firing';
import { readRules } from '@switchboard/monitoring/read-rules';
import { type Switchboard, startSwitchboard } from '@switchboard/start';
import { readRunning } from '@switchboard/start/running-file';
import { signZoice } from '@switchboard/testkit/signing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

/** What a person on call sees of a running system: traces, the canary, the series that alerts ask for, lag. */

const phone = '+919876501234';
const words = 'Zebulon Quickfinger';
const traceId = randomBytes(16).toString('hex');
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

async function post(): Promise<string> {
  const body = JSON.stringify({
    event: 'call.completed',
    event_id: randomUUID(),
    occurred_at: new Date().toISOString(),
    call: { id: randomUUID(), direction: 'inbound', from: phone, status: 'completed', duration_seconds: 60 },
    transcript: { language: 'en', turns: [{ index: 0, speaker: 'caller', text: `My name is ${words}.` }] },
  });
  const answer = await send(body);
  if (answer.status !== 202) throw new Error(`ingest answered ${answer.status}`);
  return z.object({ event_id: z.string() }).parse(await answer.json()).event_id;
}

function send(body: string): Promise<Response> {
  const { demo } = running;
  return fetch(`${demo.ingest}/api/v1/voice/webhook/${demo.tenant}`, {
    method: 'POST',
    body,
    headers: {
      ...signZoice(demo.webhook_secret, body, Math.floor(Date.now() / 1_000)),
      traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
    },
  });
}

async function metricsOf(name: string): Promise<string> {
  const process = (await readRunning(dir))?.processes.find((one) => one.name === name);
  return (await fetch(`http://127.0.0.1:${process?.port}/metrics`)).text();
}

const names = ['ingest', 'enrich', 'sink-postgres', 'sink-clickhouse', 'api', 'jobs'];
const allMetrics = async () => (await Promise.all(names.map(metricsOf))).join('\n');

const until = (look: () => Promise<unknown> | unknown) =>
  expect.poll(look, { timeout: 180_000, interval: 200 });

describe('what is seen of a running system', () => {
  it('one trace follows a call from ingest to its block, with its ids and nothing of the patient', async () => {
    const id = await post();
    const own = () => spans.filter((span) => span.traceId === traceId);
    await until(() =>
      own()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['block', 'enrich', 'ingest', 'sink']);
    for (const { attributes } of own())
      expect(attributes.map(({ key }) => key)).toEqual(expect.arrayContaining(['event.id', 'tenant.id']));
    expect(JSON.stringify(own())).toContain(id);
    expect(bodies.join()).not.toMatch(new RegExp(`${phone.slice(1)}|${words}|Zebulon|transcript`));
  });

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
    await post();
    const now = await allMetrics();
    for (const { alert } of readRules()) expect([alert, firing(alert, { before, now })]).toEqual([alert, []]);
    expect((await send('{"event":')).status).toBe(400);
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
    await post();
    await until(lag('kafka_consumergroup_lag')).toBe(1);
    await until(lag('kafka_consumergroup_lag_seconds')).toBeGreaterThan(2);
    await running.release('enrich');
    await until(lag('kafka_consumergroup_lag')).toBe(0);
    expect(await lag('kafka_consumergroup_lag_seconds')()).toBe(0);
  });
});
