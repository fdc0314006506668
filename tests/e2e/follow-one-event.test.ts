import { createHmac, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { eventId, uuidV5 } from '@switchboard/domain/ids';
import { type Consumer, createCodec, fullTopicName, readLag, runConsumer } from '@switchboard/kafka';
import { createLogger } from '@switchboard/platform';
import type { VoiceCallEnriched, VoiceCallReceived } from '@switchboard/schemas';
import type { Switchboard } from '@switchboard/start';
import type { Stores } from '@switchboard/testkit/open-stores';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../chaos/render-report.ts';
import { runChaos } from '../chaos/run-chaos.ts';
import { type OwnSystem, startOwnSystem } from '../chaos/start-own-system.ts';

/**
 * The tour: one signed call, followed through every place it comes to, in the order it comes there. Read it from top
 * to bottom to know the system. At its end everybody writes to the same system while its services are killed.
 */

let system: OwnSystem;
let running: Switchboard;
let stores: Stores;
let events: EventStream;
const seen = {
  received: new Map<string, VoiceCallReceived>(),
  enriched: new Map<string, VoiceCallEnriched>(),
};
const consumers: Consumer[] = [];

const callId = `zc_${randomUUID()}`;
const vendorEventId = `evt_${randomUUID()}`;
const phone = '+919876501234';
const startedAt = new Date(Date.now() - 4 * 60_000);
const webhook = {
  event: 'call.completed',
  event_id: vendorEventId,
  occurred_at: new Date(startedAt.getTime() + 190_000).toISOString(),
  call: {
    id: callId,
    direction: 'inbound',
    from: phone,
    to: '+912240001234',
    status: 'completed',
    started_at: startedAt.toISOString(),
    answered_at: new Date(startedAt.getTime() + 4_000).toISOString(),
    ended_at: new Date(startedAt.getTime() + 188_000).toISOString(),
    duration_seconds: 184,
    end_reason: 'caller_hangup',
    agent: { id: 'ag_1', name: 'Asha', version: '3' },
    cost: { amount: 12, currency: 'USD' },
  },
  transcript: {
    language: 'en',
    turns: [
      { index: 0, speaker: 'agent', text: 'Good morning, how may I help you?', start_ms: 0 },
      {
        index: 1,
        speaker: 'caller',
        text: 'Hello, my name is Farida Contractor. I would like to book an appointment with a dentist.',
        start_ms: 2100,
      },
      { index: 2, speaker: 'agent', text: 'Certainly. Which day suits you?', start_ms: 7000 },
      { index: 3, speaker: 'caller', text: 'Tomorrow at four in the afternoon, please.', start_ms: 9000 },
      {
        index: 4,
        speaker: 'agent',
        text: 'Tomorrow at four it is. Thank you for calling.',
        start_ms: 12_000,
      },
    ],
  },
  recording: { url: 'https://recordings.example/zc.mp3', format: 'mp3', duration_seconds: 184 },
  quality: {
    audio_score: 0.93,
    transcription_confidence: 0.95,
    latency_ms_p50: 640,
    interruptions: 1,
    silence_seconds: 9,
  },
  tool_calls: [
    {
      id: 't1',
      name: 'available-slots',
      requested_at: startedAt.toISOString(),
      responded_at: new Date(startedAt.getTime() + 300).toISOString(),
      ok: true,
    },
  ],
  outcome: 'booked',
  mood_of_the_line: 'a field that nobody told us of',
};
const body = JSON.stringify(webhook);

beforeAll(async () => {
  system = await startOwnSystem();
  ({ running, stores } = system);
  const { demo } = running;
  events = await openEventStream(`${demo.api}/api/v1/analytics/realtime?interval=live`, demo.api_key);
  const codec = createCodec({
    registryUrl: demo.schema_registry,
    prefix: 'switchboard.',
    cacheDir: join(system.dir, 'tour-schemas'),
  });
  const listen = (
    topic: 'voice-call.received.v1' | 'voice-call.enriched.v1',
    take: (value: Buffer) => Promise<void>,
  ) =>
    runConsumer({
      brokers: [demo.kafka],
      groupId: `tour-${topic}`,
      topics: [fullTopicName('switchboard.', topic)],
      logger: createLogger({ service: 'tour', level: 'silent' }),
      handle: async (batch) => {
        for (const message of batch.messages) await take(message.value);
      },
    });
  consumers.push(
    await listen('voice-call.received.v1', async (value) => {
      const event = await codec.decode<VoiceCallReceived>('voice-call.received.v1', value);
      seen.received.set(event.event_id, event);
    }),
    await listen('voice-call.enriched.v1', async (value) => {
      const event = await codec.decode<VoiceCallEnriched>('voice-call.enriched.v1', value);
      seen.enriched.set(event.event.event_id, event);
    }),
  );
}, 180_000);

afterAll(async () => {
  events?.close();
  await Promise.all(consumers.map((consumer) => consumer.stop()));
  await system?.stop();
}, 120_000);

describe('one signed call', () => {
  let id: string;
  let ourCallId: string;

  it('1. is taken by ingest, once the broker has it', async () => {
    // A broker's first answer on new topics may take longer than a vendor waits: it comes again, as a vendor does.
    const response = await eventually(async () => {
      const one = await postStandard(running.demo.ingest, running.demo.webhook_secret, body);
      expect([202, 503]).toContain(one.status);
      return one.status === 202 ? one : undefined;
    });
    const answer: { status: string; event_id: string } = JSON.parse(await response.text());
    id = answer.event_id;
    expect(answer).toEqual({
      status: 'accepted',
      event_id: eventId(running.demo.tenant, 'zoice', 'voice-call', vendorEventId),
    });
  });

  it('2. lies in voice-call.received, in our names', async () => {
    const event = await eventually(() => seen.received.get(id));
    expect(event).toMatchObject({
      tenant_id: running.demo.tenant,
      source: 'zoice',
      call_id: callId,
      event_type: 'call.completed',
    });
    expect(JSON.parse(event.extra ?? '{}')).toEqual({
      '/mood_of_the_line': 'a field that nobody told us of',
    });
  });

  it('3. is enriched: intent, entities with evidence, what an analyst must not see', async () => {
    const enriched = await eventually(() => seen.enriched.get(id));
    expect(enriched.event_id).toBe(uuidV5(id, enriched.extractor_version));
    expect(enriched).toMatchObject({ contact_phone: phone, contact_name: 'Farida Contractor' });
    expect(enriched.analysis?.intent).toBe('book_appointment');
    const time = enriched.analysis?.entities.findLast((entity) => entity.name === 'time');
    expect(time?.normalised).toBe('16:00');
    expect(enriched.analysis?.redactions.map(({ turn, kind }) => ({ turn, kind }))).toContainEqual({
      turn: 1,
      kind: 'name',
    });
  });

  it('4. is a call, a patient and a conversation in Postgres, in one transaction with its facts', async () => {
    const call = await eventually(
      async () => (await rows('SELECT * FROM voice_calls WHERE external_id = $1', [callId]))[0],
    );
    ourCallId = String(call.id);
    expect(call).toMatchObject({
      status: 'completed',
      intent: 'book_appointment',
      outcome: 'booked',
      contact_phone: phone,
      caller_turns: 2,
    });
    const [patient] = await rows('SELECT * FROM patients WHERE id = $1', [call.patient_id]);
    expect(patient).toMatchObject({ first_name: 'Farida', last_name: 'Contractor', origin: 'voice' });
    expect(
      await rows('SELECT value FROM patient_identifiers WHERE patient_id = $1', [call.patient_id]),
    ).toEqual([{ value: phone }]);
    expect(await rows('SELECT state FROM conversations WHERE id = $1', [call.conversation_id])).toEqual([
      { state: 'resolved' },
    ]);
    expect(
      await rows('SELECT turn_index FROM voice_call_transcripts WHERE call_id = $1', [ourCallId]),
    ).toHaveLength(5);
    expect(await rows('SELECT state FROM voice_call_recordings WHERE call_id = $1', [ourCallId])).toEqual([
      { state: 'pending' },
    ]);
    expect(await rows('SELECT decision FROM match_decisions WHERE entity_id = $1', [ourCallId])).toEqual([
      { decision: 'new' },
    ]);
    const [enriched] = [...seen.enriched.values()].filter((event) => event.event.event_id === id);
    expect(await rows('SELECT event_id FROM inbox WHERE event_id = $1', [enriched?.event_id])).toHaveLength(
      1,
    );
  });

  it('5. is stated as a fact without a name or a number', async () => {
    const [fact] = await rows('SELECT * FROM fact_current WHERE entity_id = $1', [ourCallId]);
    expect(fact).toMatchObject({
      kind: 'voice_call',
      basis: 'started',
      statement: { connected: 1, booked: 1, talk_ms: 184_000, intent: 'book_appointment' },
    });
    expect(JSON.stringify(fact?.statement)).not.toMatch(/Farida|Contractor|9876501234/);
  });

  it('6. is carried to ClickHouse in an immutable block', async () => {
    const block = await eventually(
      async () =>
        (
          await rows(
            "SELECT * FROM blocks WHERE tenants @> ARRAY[$1::uuid] AND state = 'done' ORDER BY number DESC LIMIT 1",
            [running.demo.tenant],
          )
        )[0],
    );
    expect(Number(block.number)).toBeGreaterThan(0);
    expect(await rows('SELECT id FROM outbox WHERE tenant_id = $1', [running.demo.tenant])).toEqual([]);
    const facts = await select('SELECT sign, intent FROM fact_voice_call WHERE entity_id = {call:UUID}', {
      call: ourCallId,
    });
    expect(facts).toEqual([{ sign: 1, intent: 'book_appointment' }]);
  });

  it('7. is counted in the daily and the hourly view', async () => {
    for (const view of ['analytics_voice_call_daily', 'analytics_voice_call_hourly']) {
      const sums = await select(
        `SELECT sum(calls) AS calls, sum(booked) AS booked FROM ${view} WHERE tenant_id = {tenant:UUID}`,
        { tenant: running.demo.tenant },
      );
      expect(sums).toEqual([{ calls: 1, booked: 1 }]);
    }
  });

  it('8. is an answer of the API: in the call list, in the record, in the numbers', async () => {
    const list = await get('/api/v1/calls?limit=10');
    expect(list.total ?? list.pagination?.total).toBe(1);
    const record = await get(`/api/v1/calls/${ourCallId}`);
    expect(JSON.stringify(record)).toContain('Farida');
    const numbers = await eventually(async () => {
      const answer = await get('/api/v1/analytics/voice-calls?time_period=last_7_days');
      return answer.summary.calls_total.value === 1 ? answer : undefined;
    });
    expect(numbers.summary.booking_success_rate.value).toBe(1);
    expect(numbers.freshness_ms).toBeLessThan(60_000);
  });

  it('9. came to the live stream by itself', async () => {
    await eventually(() =>
      events.received.find(
        (event) =>
          event.name === 'metrics' || (event.name === 'snapshot' && event.data.includes('"calls_total"')),
      ),
    );
    expect(events.received[0]?.name).toBe('snapshot');
    await eventually(() => events.received.find((event) => event.name === 'metrics'));
  });

  it('10. counts once however often it is posted, signed by plain HMAC, with a changed body too', async () => {
    for (const again of [body, body, body, JSON.stringify({ ...webhook, outcome: 'cancelled' })]) {
      const response = await postZoice(running.demo.ingest, running.demo.webhook_secret, again);
      expect(response.status).toBe(202);
      expect(JSON.parse(await response.text()).event_id).toBe(id);
    }
    await eventually(async () => ((await lagOfTheWay()) === 0 ? true : undefined));
    expect(await rows('SELECT outcome FROM voice_calls WHERE external_id = $1', [callId])).toEqual([
      { outcome: 'booked' },
    ]);
    expect(
      await select('SELECT sum(sign) AS n FROM fact_voice_call WHERE entity_id = {call:UUID}', {
        call: ourCallId,
      }),
    ).toEqual([{ n: 1 }]);
  });
});

/** What fits into half a minute. */
const harms = ['postgres killed', 'enrich killed', 'sink-postgres killed'];

it('everybody writes while services and an engine are killed: each once, every number right', {
  timeout: 600_000,
}, async () => {
  const event = { id: vendorEventId, callId, turns: webhook.transcript.turns.length };
  system.ledger.note({ event, accepted: true, tries: 1, status: 202, answerMs: 0 });
  const report = await runChaos({
    system,
    seed: 52,
    scenarios: ['kill', 'engine-restart'],
    only: harms,
    endsWithPlan: true,
    durationMs: 120_000,
    harmMs: 0,
    pace: 0.5,
  });
  console.log(renderReport(report));
  expect(report.recoveries.map(({ name }) => name).toSorted()).toEqual(harms.toSorted());
  expect(report.findings).toEqual([]);
});

async function rows(sql: string, values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await stores.postgres.query(sql, values)).rows;
}

function select(query: string, params: Record<string, unknown>): Promise<unknown[]> {
  return stores.clickhouse.query(query, params, { output_format_json_quote_64bit_integers: 0 });
}

/** Events that enrich and the sink have still to read. */
async function lagOfTheWay(): Promise<number> {
  const lagOf = (group: string, topic: 'voice-call.received.v1' | 'voice-call.enriched.v1') =>
    readLag({
      brokers: [running.demo.kafka],
      groupId: `switchboard.${group}`,
      topics: [fullTopicName('switchboard.', topic)],
    });
  const lags = [
    await lagOf('enrich', 'voice-call.received.v1'),
    await lagOf('sink-postgres', 'voice-call.enriched.v1'),
  ];
  return lags.flat().reduce((sum, { lag }) => sum + lag, 0);
}

async function get(path: string) {
  const response = await fetch(`${running.demo.api}${path}`, {
    headers: { 'x-api-key': running.demo.api_key },
  });
  expect(response.status).toBe(200);
  return JSON.parse(await response.text());
}

function post(ingest: string, text: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${ingest}/api/v1/voice/webhook`, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

function postStandard(ingest: string, secret: string, text: string): Promise<Response> {
  const now = new Date();
  const messageId = `msg_${randomUUID()}`;
  return post(ingest, text, {
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(messageId, now, text),
  });
}

function postZoice(ingest: string, secret: string, text: string): Promise<Response> {
  const time = Math.floor(Date.now() / 1000);
  const digest = createHmac('sha256', secret).update(`${time}.${text}`).digest('hex');
  return post(ingest, text, { 'x-zoice-signature': `t=${time},v1=${digest}` });
}

async function eventually<T>(
  look: () => Promise<T | undefined> | T | undefined,
  withinMs = 45_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`did not come within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

interface EventStream {
  received: { name: string; data: string }[];
  close(): void;
}

/** A small reader of server-sent events (WHATWG HTML, 9.2). */
async function openEventStream(url: string, apiKey: string): Promise<EventStream> {
  const abort = new AbortController();
  const response = await fetch(url, {
    headers: { 'x-api-key': apiKey, accept: 'text/event-stream' },
    signal: abort.signal,
  });
  expect(response.status).toBe(200);
  const received: EventStream['received'] = [];
  const read = async () => {
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const name = /^event: ?(.*)$/m.exec(part)?.[1];
        if (name) received.push({ name, data: /^data: ?(.*)$/m.exec(part)?.[1] ?? '' });
      }
    }
  };
  read().catch(() => undefined);
  return { received, close: () => abort.abort() };
}
