import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { uuidV5, uuidV7 } from '@switchboard/domain/ids';
import { freePort } from '@switchboard/embedded';
import { createCodec, createProducer, ensureTopics, registerSchemas, runConsumer } from '@switchboard/kafka';
import { firing } from '@switchboard/monitoring/firing';
import { scrape } from '@switchboard/monitoring/scrape';
import { createLogger, createSealer, sleep } from '@switchboard/platform';
import type {
  DeadLetter,
  MessageEnriched,
  MessageReceived,
  VoiceCallEnriched,
  VoiceCallReceived,
} from '@switchboard/schemas';
import { readExample } from '@switchboard/schemas/testing/read-example';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

const engines = inject('engines');
const prefix = `enrich-${randomBytes(4).toString('hex')}.`;
const key = randomBytes(32);
const logger = createLogger({ service: 'test', level: 'silent' });
const received = `${prefix}voice-call.received.v1`;
const stops: (() => Promise<unknown>)[] = [];
const enriched: VoiceCallEnriched[] = [];
const messages: MessageEnriched[] = [];
const deadLetters: DeadLetter[] = [];
let database: TestDatabase;
let postgres: Valve;
let cacheDir: string;
let tenantId: string;
let patientId: string;
let service: ChildProcess;
let healthUrl: string;

const codec = createCodec({ registryUrl: engines.schemaRegistry, prefix, cacheDir: join(tmpdir(), prefix) });
const producer = createProducer({ brokers: [engines.kafka], clientId: 'test', logger });

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'enrich-test-'));
  database = await createTestDatabase(engines.postgresAdmin);
  tenantId = await database.addTenant();
  patientId = uuidV7(Date.now());
  await database.admin.query(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, origin) VALUES ($1, $2, 'Priya', 'Sharma', 'desk')`,
    [tenantId, patientId],
  );
  await database.admin.query(
    `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', '+919812345678')`,
    [tenantId, patientId],
  );
  await database.admin.query(
    `INSERT INTO practitioners (tenant_id, id, display_name, specialty) VALUES ($1, $2, 'Dr. Ramesh Mehta', 'cardiology')`,
    [tenantId, uuidV7(Date.now())],
  );
  await ensureTopics({ brokers: [engines.kafka], prefix, partitions: 2 });
  await registerSchemas({ registryUrl: engines.schemaRegistry, prefix });
  await producer.connect();
  stops.push(() => producer.close());
  postgres = await openValve(new URL(engines.postgresAdmin));
  stops.push(() => postgres.close());
  await collect('voice-call.enriched.v1', enriched);
  await collect('message.enriched.v1', messages);
  await collect('dead-letter.v1', deadLetters);
  await startService();
});

afterAll(async () => {
  service.kill('SIGKILL');
  for (const stop of stops.reverse()) await stop();
  await database.drop();
  await rm(cacheDir, { recursive: true, force: true });
  await rm(join(tmpdir(), prefix), { recursive: true, force: true });
});

describe('enrichment, as a process between real engines', () => {
  it('turns a received call into an enriched one', async () => {
    const event = receivedCall({
      turns: [
        ['agent', 'Namaste, how can I help?'],
        [
          'caller',
          'hi this is Priya Sharma, I want to book an appointment with doctor mehta tomorrow at 4 pm',
        ],
        ['agent', 'Your appointment with Dr. Mehta is booked for tomorrow at 4 pm.'],
        ['caller', 'thank you so much'],
      ],
    });
    await send(event, { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    const result = await enrichedOf(event);
    expect(result).toMatchObject({
      event_id: uuidV5(event.event_id, result.extractor_version),
      contact_phone: '+919812345678',
      clinic_phone: '+912240001234',
      language: 'en-IN',
      contact_name: 'Priya Sharma',
      analysis: { intent: 'book_appointment', required_fields: 4, filled_fields: 4 },
      candidates: [{ patient_id: patientId }],
      event,
    });
    expect(result.candidates[0]?.score).toBeGreaterThan(0.9);
    const said = new Map(result.analysis?.entities.map(({ name, normalised }) => [name, normalised]));
    expect(said.get('date')).toBe('2026-11-21');
    expect(said.get('time')).toBe('16:00');
    expect(said.get('practitioner')).toBe('Dr. Ramesh Mehta');
    expect(result.analysis?.redactions).toContainEqual({ turn: 1, start: 11, end: 23, kind: 'name' });
  });

  it('passes on an event without a transcript, of an outbound call, with a withheld number', async () => {
    const started = receivedCall({ event_type: 'call.started' });
    const outbound = receivedCall({ call: { ...started.call, direction: 'outbound' } });
    const withheld = receivedCall({ call: { ...started.call, from_number: 'anonymous' } });
    await Promise.all([send(started), send(outbound), send(withheld)]);
    expect(await enrichedOf(started)).toMatchObject({
      analysis: null,
      contact_name: null,
      contact_phone: '+919812345678',
    });
    expect(await enrichedOf(outbound)).toMatchObject({
      contact_phone: '+912240001234',
      clinic_phone: '+919812345678',
    });
    expect(await enrichedOf(withheld)).toMatchObject({ contact_phone: null, candidates: [] });
  });

  it('finds candidates of a withheld number by the phone that was said, which proves nothing by itself', async () => {
    const withheld = { ...receivedCall({}).call, from_number: 'anonymous' };
    const [named, nameless] = [
      receivedCall({
        call: withheld,
        turns: [['caller', 'my name is Priya Sharma, my number is 98123 45678']],
      }),
      receivedCall({ call: withheld, turns: [['caller', 'please call me on 98123 45678']] }),
    ];
    await Promise.all([send(named), send(nameless)]);
    const [known, unknown] = await Promise.all([enrichedOf(named), enrichedOf(nameless)]);
    expect(known).toMatchObject({ contact_phone: null, candidates: [{ patient_id: patientId }] });
    expect(known.candidates[0]?.score).toBeGreaterThan(0.2);
    expect(known.candidates[0]?.score).toBeLessThan(0.5);
    expect(unknown.candidates[0]?.score).toBeLessThan(0.01);
  });

  it('reads a message as it reads a call, and passes on how far one got', async () => {
    const example: MessageReceived = structuredClone(Object(readExample('message.received.v1')));
    const parts = { tenant_id: tenantId, media: null, location: null, quoted_message_id: null, kind: 'text' };
    const written = {
      ...example,
      ...parts,
      event_id: uuidV7(Date.now()),
      received_at: Date.parse('2026-11-20T05:00:00Z'),
      body: 'This is Priya Sharma, I want to book an appointment with doctor mehta tomorrow at 4 pm',
      profile_name: 'Somebody Else',
    };
    const told: MessageReceived = {
      ...written,
      event_id: uuidV7(Date.now()),
      event_type: 'message.status',
      direction: 'outbound',
      from_number: written.to_number,
      to_number: written.from_number,
      status: 'delivered',
      body: null,
    };
    const answer: MessageReceived = { ...written, event_id: uuidV7(Date.now()), body: 'Meera Nair' };
    for (const event of [written, told, answer]) {
      const value = await codec.encode(`${prefix}message.received.v1`, event);
      await producer.send({
        topic: `${prefix}message.received.v1`,
        key: 'k',
        value,
        headers: { 'event-id': event.event_id },
      });
    }
    await until(() => messages.length >= 3);
    const [message, status, answered] = [written, told, answer].map(({ event_id }) =>
      messages.find(({ event }) => event.event_id === event_id),
    );
    expect(message).toMatchObject({
      event_id: uuidV5(written.event_id, message?.extractor_version ?? ''),
      contact_phone: '+919812345678',
      contact_name: 'Priya Sharma',
      candidates: [{ patient_id: patientId }],
      analysis: { intent: 'book_appointment' },
    });
    const said = new Map(message?.analysis?.entities.map(({ name, normalised }) => [name, normalised]));
    expect([said.get('date'), said.get('time')]).toEqual(['2026-11-21', '16:00']);
    expect(message?.analysis?.redactions).toContainEqual({ turn: 0, start: 8, end: 20, kind: 'name' });
    expect(answered?.analysis?.redactions).toEqual([{ turn: 0, start: 0, end: 10, kind: 'name' }]);
    expect(status).toMatchObject({ contact_phone: '+919812345678', analysis: null, contact_name: null });
  });

  it('sets poison aside with its bytes and goes on', async () => {
    const after = receivedCall({});
    const stranger = receivedCall({ tenant_id: uuidV7(Date.now()) });
    const broken = Buffer.concat([
      (await codec.encode(received, after)).subarray(0, 5),
      Buffer.from([7, 7, 7]),
    ]);
    const keys = {
      key: `${tenantId}:broken`,
      headers: { 'tenant-id': tenantId, 'event-id': uuidV7(Date.now()) },
    };
    await producer.send({ topic: received, ...keys, value: Buffer.from('not avro at all') });
    await producer.send({ topic: received, key: `${tenantId}:broken`, value: broken, headers: {} });
    const unheardOf = Buffer.concat([Buffer.from([0, 127, 0, 0, 99]), Buffer.from('of a later release')]);
    await producer.send({ topic: received, key: `${tenantId}:broken`, value: unheardOf, headers: {} });
    await send(stranger);
    await send({ ...after, call_id: 'broken' });
    await enrichedOf(after);
    await until(() => deadLetters.length >= 4);
    expect(deadLetters.map(({ stage, reason }) => `${stage} ${reason}`).sort()).toEqual([
      'enrich bad_payload',
      'enrich not_avro',
      'enrich unknown_schema',
      'enrich unknown_tenant',
    ]);
    const letter = deadLetters.find(({ reason }) => reason === 'not_avro');
    expect(letter).toMatchObject({
      tenant_id: tenantId,
      call_id: 'broken',
      topic: 'voice-call.received.v1',
      attempts: 1,
    });
    expect(
      createSealer(key)
        .open(letter?.sealed ?? Buffer.alloc(0))
        .toString(),
    ).toBe('not avro at all');
  });

  it('takes a transcript of 4.9 MiB', async () => {
    const text = 'my name is Priya and my number is 98123 45678, call me at four '.repeat(1200);
    const turns = Array.from({ length: 66 }, (_, at): [string, string] => [
      at % 2 ? 'agent' : 'caller',
      text,
    ]);
    const event = receivedCall({ turns });
    await send(event);
    const result = await enrichedOf(event);
    expect(result.analysis?.redactions.length).toBe(66);
    expect(result.event.transcript?.turns.length).toBe(66);
  });

  it('waits while Postgres is away, and loses nothing', async () => {
    const known = deadLetters.length;
    await postgres.shut();
    const events = Array.from({ length: 20 }, () =>
      receivedCall({ turns: [['caller', 'what are your hours']] }),
    );
    await Promise.all(events.map((event) => send(event)));
    const isHeldUp = /^switchboard_kafka_batch_retries_total\{.*voice-call\.received.* [1-9]\d*$/m;
    await until(async () => isHeldUp.test(await scrape(healthUrl)));
    const [before, startedAt] = [await scrape(healthUrl), Date.now()];
    await until(async () => {
      const now = await scrape(healthUrl);
      const [told] = firing('BatchesComeAgain', { before, now, seconds: (Date.now() - startedAt) / 1_000 });
      return told?.labels.topic === received && told.labels.code === 'postgres_unavailable';
    });
    await until(async () => (await fetch(`${healthUrl}/readyz`)).status === 503);
    const sent = new Set(events.map(({ event_id }) => event_id));
    expect(enriched.some(({ event }) => sent.has(event.event_id))).toBe(false);
    postgres.open();
    const results = await Promise.all(events.map(enrichedOf));
    expect(results.every(({ candidates }) => candidates[0]?.patient_id === patientId)).toBe(true);
    expect(deadLetters.length).toBe(known);
    const mended = await scrape(healthUrl);
    expect(firing('BatchesComeAgain', { before: mended, now: await scrape(healthUrl) })).toEqual([]);
  });

  it('counts what it did, and stops on SIGTERM', async () => {
    const text = await (await fetch(`${healthUrl}/metrics`)).text();
    expect(text).toMatch(
      /switchboard_enrich_events_total\{outcome="dead_letter",reason="not_avro",service="enrich"\} 1/,
    );
    // Of how many bytes and seconds there were, any digits may be told.
    const names = text.replaceAll(/ \S+$/gm, '');
    expect(names).toContain('step="extractAnalysis"');
    expect(names).not.toMatch(/Priya|98123/);
    service.kill('SIGTERM');
    const [code] = await once(service, 'exit');
    expect(code).toBe(0);
  });
});

interface Valve {
  port: number;
  /** Ends all connections and refuses new ones. */
  shut(): Promise<void>;
  open(): void;
  close(): Promise<void>;
}

/** A TCP way to Postgres that can be shut, as if the server were gone. */
async function openValve(target: URL): Promise<Valve> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server: Server = createServer((near) => {
    if (!isOpen) {
      near.destroy();
      return;
    }
    const far = tcpConnect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const shut = async () => {
    isOpen = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    shut,
    open: () => {
      isOpen = true;
    },
    async close() {
      await shut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function startService(): Promise<void> {
  const url = new URL(database.urlAs('switchboard_enrich'));
  url.port = String(postgres.port);
  const port = await freePort();
  healthUrl = `http://127.0.0.1:${port}`;
  service = spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
    env: {
      PATH: process.env.PATH,
      KAFKA_BROKERS: engines.kafka,
      KAFKA_TOPIC_PREFIX: prefix,
      KAFKA_GROUP_PREFIX: prefix,
      SCHEMA_REGISTRY_URL: engines.schemaRegistry,
      SCHEMA_CACHE_DIR: cacheDir,
      DATABASE_URL: url.toString(),
      SECRETS_KEY: key.toString('base64'),
      PORT: String(port),
      SWITCHBOARD_PARENT: 'pipe',
    },
    stdio: ['pipe', process.env.SHOW_LOGS ? 'inherit' : 'ignore', 'inherit'],
  });
  await until(async () => (await fetch(`${healthUrl}/readyz`)).ok);
}

async function collect<T>(topic: string, into: T[]): Promise<void> {
  const consumer = await runConsumer({
    brokers: [engines.kafka],
    groupId: `${prefix}test-${topic}`,
    topics: [prefix + topic],
    async handle(batch) {
      for (const { value } of batch.messages) into.push(await codec.decode<T>(batch.topic, value));
    },
    logger,
  });
  stops.push(() => consumer.stop());
  await consumer.joined;
}

async function enrichedOf({ event_id }: VoiceCallReceived): Promise<VoiceCallEnriched> {
  const find = () => enriched.find(({ event }) => event.event_id === event_id);
  await until(() => find() !== undefined);
  const found = find();
  if (!found) throw new Error('the enriched event is missing');
  return found;
}

async function send(event: VoiceCallReceived, headers: Record<string, string> = {}): Promise<void> {
  await producer.send({
    topic: received,
    key: `${event.tenant_id}:${event.call_id}`,
    value: await codec.encode(received, event),
    headers: { 'event-id': event.event_id, 'tenant-id': event.tenant_id, ...headers },
  });
}

function receivedCall(
  given: Partial<VoiceCallReceived> & { turns?: readonly (readonly [string, string])[] },
): VoiceCallReceived {
  const { turns, ...fields } = given;
  const at = Date.parse('2026-11-20T05:00:00Z');
  return {
    event_id: uuidV7(Date.now()),
    tenant_id: tenantId,
    source: 'zoice',
    vendor_event_id: 'evt',
    event_type: 'call.completed',
    call_id: uuidV7(Date.now()),
    occurred_at: at,
    received_at: Date.now(),
    call: {
      direction: 'inbound',
      from_number: '098123 45678',
      to_number: '+912240001234',
      status: 'completed',
      started_at: at,
      answered_at: null,
      ended_at: null,
      duration_seconds: 60,
      end_reason: null,
      language: 'en-IN',
      agent_id: null,
      agent_name: null,
      agent_version: null,
      transferred_to: null,
      cost_minor: null,
      cost_currency: null,
    },
    transcript: turns
      ? {
          language: null,
          engine: null,
          turns: turns.map(([speaker, text], index) => ({
            index,
            speaker,
            text,
            start_ms: null,
            end_ms: null,
            confidence: null,
          })),
        }
      : null,
    recording: null,
    quality: null,
    vendor_extraction: null,
    tool_calls: null,
    outcome: null,
    summary: null,
    metadata: null,
    extra: null,
    ...fields,
  };
}

async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 45_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    if (
      await Promise.resolve()
        .then(condition)
        .catch(() => false)
    )
      return;
    if (Date.now() > end) throw new Error('waited in vain');
    await sleep(50);
  }
}
