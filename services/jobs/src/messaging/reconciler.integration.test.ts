import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { twilioEventId } from '@switchboard/domain/messaging/twilio-event-id';
import {
  type Codec,
  type Consumer,
  createCodec,
  createProducer,
  ensureTopics,
  type Producer,
  registerSchemas,
  runConsumer,
} from '@switchboard/kafka';
import { firing } from '@switchboard/monitoring/firing';
import { createLogger, createMetrics, createSealer } from '@switchboard/platform';
import type { Rounds } from '@switchboard/platform/rounds';
import { createPool, type Pool, withTenant } from '@switchboard/postgres';
import { claimSends } from '@switchboard/postgres/messaging/sends';
import type { MessageReceived } from '@switchboard/schemas';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { runChild } from '@switchboard/testkit/run-child';
import { startTwilio } from '@switchboard/testkit/twilio/twilio-server';
import type { TwilioServer } from '@switchboard/testkit/twilio/twilio-server-types';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import type { FaultyReconciler } from '../testing/faulty-reconciler.ts';
import { type MessagesClinic, makeMessagesClinic, startTestSendWorker } from '../testing/messages-clinic.ts';
import { type ReconcilerOptions, startReconciler } from './reconciler.ts';

const account = { accountSid: `AC${'3'.repeat(32)}`, authToken: 'the-token' };
const sealKey = randomBytes(32);
const sealer = createSealer(sealKey);
const prefix = `reconcile-${randomBytes(4).toString('hex')}.`;
const patient = '+919812345678';
const events: { key: string | null; headers: Readonly<Record<string, string>>; event: MessageReceived }[] =
  [];
let database: TestDatabase;
let pool: Pool;
let producer: Producer;
let codec: Codec;
let consumer: Consumer;
let cacheDir: string;
let server: TwilioServer;
let clinic: MessagesClinic;
let clinics = 0;
let reconcilers: Rounds[] = [];

beforeAll(async () => {
  const engines = inject('engines');
  const brokers = [engines.kafka];
  cacheDir = await mkdtemp(join(tmpdir(), 'switchboard-reconcile-'));
  database = await createTestDatabase(engines.postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test-jobs', max: 4 });
  await ensureTopics({ brokers, prefix, partitions: 1, replicationFactor: 1 });
  await registerSchemas({ registryUrl: engines.schemaRegistry, prefix });
  codec = createCodec({ registryUrl: engines.schemaRegistry, prefix, cacheDir });
  producer = createProducer({ brokers, clientId: 'test-jobs' });
  await producer.connect();
  consumer = await runConsumer({
    brokers,
    groupId: `${prefix}reader`,
    topics: [`${prefix}message.received.v1`],
    logger: createLogger({ service: 'reader', level: 'silent' }),
    async handle({ topic, messages }) {
      for (const { key, headers, value } of messages)
        events.push({ key, headers, event: await codec.decode<MessageReceived>(topic, value) });
    },
  });
});
beforeEach(async () => {
  server = await startTwilio({ accounts: [account] });
  clinics += 1;
  clinic = await makeMessagesClinic(database, sealer, {
    ...account,
    number: `+9122400098${clinics}${clinics}`,
  });
});
afterEach(async () => {
  for (const one of reconcilers) await one.stop();
  reconcilers = [];
  await clinic.run(`UPDATE tenants SET status = 'suspended' WHERE id = $1`);
  await server.close();
});
afterAll(async () => {
  await consumer.stop();
  await producer.close();
  await pool.end();
  await database.drop();
  await rm(cacheDir, { recursive: true, force: true });
});

const until = (seen: () => unknown) => expect.poll(seen, { timeout: 20_000, interval: 20 });
const ofClinic = () =>
  events.filter(({ event }) => event.tenant_id === clinic.tenantId).map(({ event }) => event);

function start(options: Partial<ReconcilerOptions> = {}): Rounds & { metrics(): Promise<string> } {
  const metrics = createMetrics('test');
  const reconciler = startReconciler({
    pool,
    producer,
    codec,
    prefix,
    pseudonymKey: Buffer.alloc(32, 7),
    apiUrl: server.url,
    sealer,
    settings: {},
    twilio: { apiUrl: server.url, timeoutMs: 5_000 },
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics,
    failures: metrics.counter('failures_total', 'Failures.', ['job']),
    lookMs: 3_600_000,
    wholeMs: 3_600_000,
    overlapMs: 86_400_000,
    settleMs: -1_000,
    now: Date.now,
    ...options,
  });
  reconcilers.push(reconciler);
  return { ...reconciler, metrics: async () => (await metrics.render()).body };
}

/** The clinic's listing is due again. */
const due = () => clinic.run(`UPDATE vendor_listings SET next_at = now() WHERE tenant_id = $1`);
const listedAfter = (instant: Date) => async () => {
  const { rows } = await database.admin.query<{ done: boolean }>(
    `SELECT listed_until > $2 AND next_at > now() + interval '10 minutes' AS done FROM vendor_listings WHERE tenant_id = $1`,
    [clinic.tenantId, instant],
  );
  return rows[0]?.done;
};
/** A message that a webhook brought. */
const know = (sid: string, conversation: string, direction: string, status: string) =>
  clinic.run(
    `INSERT INTO conversation_messages (tenant_id, id, conversation_id, direction, sender_kind, status, sent_at, source, external_id)
     VALUES ($1, gen_random_uuid(), $2, $3, 'patient', $4, now(), 'twilio', $5)`,
    [conversation, direction, status, sid],
  );
const receive = (body: string, more: object = {}) =>
  server.receive({ accountSid: account.accountSid, from: patient, to: clinic.number, body, ...more });

it('what a lost webhook left out comes once, as the event that it would have made', async () => {
  const conversation = await clinic.addConversation(patient);
  const known = await receive('known');
  await know(known.sid, conversation, 'inbound', 'received');
  const lost = await receive('lost');
  const withMedia = await receive('', { media: [{ contentType: 'image/png', bytes: Buffer.from('x') }] });
  await server.receive({
    accountSid: account.accountSid,
    from: patient,
    to: '+912240009999',
    body: 'of another system',
  });
  start();
  await until(() => ofClinic().length).toBe(2);
  const [first, second] = [lost, withMedia].map(({ sid }) =>
    ofClinic().find(({ message_id }) => message_id === sid),
  );
  expect(first).toMatchObject({
    event_id: twilioEventId(clinic.tenantId, 'message.received', lost.sid, null),
    source: 'twilio',
    event_type: 'message.received',
    channel: 'whatsapp',
    direction: 'inbound',
    from_number: `whatsapp:${patient}`,
    to_number: `whatsapp:${clinic.number}`,
    body: 'lost',
    status: 'received',
    kind: 'text',
    occurred_at: Math.floor(lost.createdAt.getTime() / 1_000) * 1_000,
  });
  const media = `${server.url}/2010-04-01/Accounts/${account.accountSid}/Messages/${withMedia.sid}/Media/${withMedia.media[0]?.sid}`;
  expect(second).toMatchObject({
    body: null,
    kind: 'media',
    media: [{ index: 0, url: media, content_type: 'image/png' }],
  });
  for (const { key, headers, event } of events) {
    expect(key).toBe(`${event.tenant_id}:${event.contact_key}`);
    expect(headers).toMatchObject({ 'event-id': event.event_id, 'tenant-id': event.tenant_id });
    expect(JSON.stringify([key, headers])).not.toContain('9812345678');
  }
});

it('what is told to stop in the middle of many lost messages ends before the next of them, and another tells the rest', async () => {
  for (let part = 0; part < 3; part += 1)
    await Promise.all(Array.from({ length: 40 }, (_, at) => receive(`lost ${part} ${at}`)));
  const sent = Promise.withResolvers<void>();
  let sends = 0;
  const reconciler = start({
    producer: {
      send: (message) => {
        sends += 1;
        sent.resolve();
        return stopped.promise.then(() => producer.send(message));
      },
    },
  });
  const stopped = Promise.withResolvers<void>();
  await sent.promise;
  const ended = reconciler.stop();
  stopped.resolve();
  await ended;
  expect(sends).toBe(50);
  await due();
  start();
  await until(() => new Set(ofClinic().map(({ message_id }) => message_id)).size).toBe(120);
});

it('killed between what it tells and what it writes down, it leaves nothing out, and what it tells again is the same event', async () => {
  const lost = await Promise.all(['1', '2', '3'].map((body) => receive(body)));
  const engines = inject('engines');
  const input: FaultyReconciler = {
    databaseUrl: database.urlAs('switchboard_sink'),
    brokers: [engines.kafka],
    registryUrl: engines.schemaRegistry,
    ...{ prefix, cacheDir, apiUrl: server.url, sealKey: sealKey.toString('base64') },
  };
  const main = new URL('../testing/faulty-reconciler.ts', import.meta.url);
  for (const step of ['listing-sent', 'listing-filled']) {
    const fault = `${step}:1:SIGKILL`;
    expect((await runChild(main, JSON.stringify({ ...input, fault }))).signal).toBe('SIGKILL');
    // It had not written down until when all is compared.
    expect(await listedAfter(new Date(0))()).toBe(false);
    await due();
  }
  start();
  await until(listedAfter(new Date(0))).toBe(true);
  const ids = lost.map(({ sid }) => twilioEventId(clinic.tenantId, 'message.received', sid, null));
  // The last two told all of them.
  await until(() =>
    ids.map((id) => ofClinic().filter(({ event_id }) => event_id === id).length >= 2),
  ).toEqual([true, true, true]);
  expect(new Set(ofClinic().map(({ event_id }) => event_id))).toEqual(new Set(ids));
}, 120_000);

it('a lost status comes as its callback would have; what is known, or would go back, does not', async () => {
  const conversation = await clinic.addConversation(patient);
  for (const body of ['1', '2', '3', '4']) await clinic.queue(conversation, body);
  const worker = startTestSendWorker(pool, sealer, server.url);
  await until(async () => (await clinic.sent()).map(({ state }) => state)).toEqual(Array(4).fill('sent'));
  await worker.stop();
  const sids = server.messages.map(({ sid }) => sid);
  const [delivered = '', failed = '', read = '', waiting = ''] = sids;
  await server.advance(delivered, 'delivered', { lost: true });
  await server.advance(failed, 'undelivered', { lost: true, errorCode: 63_024 });
  await server.advance(read, 'delivered', { lost: true });
  await clinic.run(
    `UPDATE conversation_messages SET status = 'read' WHERE tenant_id = $1 AND external_id = $2`,
    [read],
  );
  const before = new Date();
  start({ settleMs: 0 });
  await until(listedAfter(before)).toBe(true);
  await until(() => ofClinic().length).toBe(2);
  expect(ofClinic().find(({ message_id }) => message_id === delivered)).toMatchObject({
    event_id: twilioEventId(clinic.tenantId, 'message.status', delivered, 'delivered'),
    event_type: 'message.status',
    direction: 'outbound',
    status: 'delivered',
  });
  expect(ofClinic().find(({ message_id }) => message_id === failed)).toMatchObject({
    status: 'undelivered',
    error_code: '63024',
  });
  expect(sids).toContain(waiting);
});

it('a send of which nobody knew is found, and is no second message; one that a callback told of is ended', async () => {
  const conversation = await clinic.addConversation(patient);
  const other = await clinic.addConversation('+919812345600');
  await clinic.queue(conversation, 'Hello');
  const told = await clinic.queue(other, 'Told');
  await withTenant(pool, clinic.tenantId, (client) =>
    claimSends(client, clinic.tenantId, {
      from: clinic.number,
      numbers: [clinic.number],
      perSecond: 1_000,
      most: 2,
      leaseMs: 60_000,
    }),
  );
  await clinic.run(
    `UPDATE message_sends SET state = 'unknown', sending_since = NULL, asked_at = now() WHERE tenant_id = $1`,
  );
  await clinic.run(`UPDATE conversation_messages SET status = 'unknown' WHERE tenant_id = $1 AND id <> $2`, [
    told,
  ]);
  await clinic.run(
    `UPDATE conversation_messages SET status = 'delivered', source = 'twilio', external_id = 'SMtold' WHERE tenant_id = $1 AND id = $2`,
    [told],
  );
  const { openTwilio } = await import('./twilio-client.ts');
  const twilio = openTwilio({ apiUrl: server.url, timeoutMs: 15_000 }, account.accountSid, account.authToken);
  await twilio.create({ to: `whatsapp:${patient}`, from: `whatsapp:${clinic.number}`, body: 'Hello' });
  const sid = server.messages[0]?.sid ?? '';
  await server.advance(sid, 'sent', { lost: true });
  start();
  await until(async () =>
    (await clinic.sent()).map(({ state, status, external_id }) => [state, status, external_id]),
  ).toEqual([
    ['sent', 'sent', sid],
    ['sent', 'delivered', 'SMtold'],
  ]);
  expect(ofClinic()).toEqual([]);
});

it('all pages of an outage are gone through, and the next look finds nothing new', async () => {
  for (let index = 0; index < 1_050; index += 1) await receive(`m${index}`);
  const before = new Date();
  const reconciler = start();
  const empty = await reconciler.metrics();
  await until(listedAfter(before)).toBe(true);
  await expect.poll(() => ofClinic().length, { timeout: 50_000 }).toBe(1_050);
  const full = await reconciler.metrics();
  expect(firing('WhatsAppWebhooksMissing', { before: empty, now: full })).toMatchObject([
    { labels: { kind: 'message' }, value: 1_050 },
  ]);
  expect(firing('WhatsAppWebhooksMissing', { before: full, now: await reconciler.metrics() })).toEqual([]);
  expect(new Set(ofClinic().map(({ event_id }) => event_id)).size).toBe(1_050);
});

it('one message that the topic will never take keeps back none of the others', async () => {
  await receive('x'.repeat(9 * 1_048_576));
  await receive('fine');
  const before = new Date();
  start();
  await until(listedAfter(before)).toBe(true);
  await until(() => ofClinic().map(({ body }) => body)).toEqual(['fine']);
});

it('while the broker is away nothing is taken for compared', async () => {
  await receive('lost');
  const broker = createProducer({ brokers: ['127.0.0.1:9'], clientId: 'test-away', deadlineMs: 200 });
  const log: string[] = [];
  const logger = createLogger({ service: 'test', level: 'trace' }, { write: (line) => log.push(line) });
  const away = start({ producer: broker, logger });
  await until(() => log.join('')).toContain('Twilio’s messages were not compared');
  await away.stop();
  await broker.close();
  expect(await listedAfter(new Date(0))()).toBe(false);
  expect(log.join('')).not.toMatch(/lost|9812345678/);
  await due();
  start();
  await until(() => ofClinic().map(({ body }) => body)).toEqual(['lost']);
});

it('between whole comparisons a newest message that is not known begins one at once', async () => {
  const conversation = await clinic.addConversation(patient);
  const first = start({ settleMs: 0 });
  const begun = new Date();
  await until(listedAfter(new Date(begun.getTime() - 1_000))).toBe(true);
  const known = await receive('known', { at: new Date(Date.now() - 5_000) });
  await know(known.sid, conversation, 'inbound', 'received');
  await due();
  first.wake();
  await until(listedAfter(new Date(0))).toBe(true);
  expect(ofClinic()).toEqual([]);
  const lost = await receive('lost', { at: new Date(Date.now() - 5_000) });
  await due();
  first.wake();
  await until(() => ofClinic().map(({ message_id }) => message_id)).toEqual([lost.sid]);
});

it('what it told and Postgres does not know yet is told once, while the newest are looked at again and again', async () => {
  let hoursLater = 0;
  const reconciler = start({ settleMs: 0, now: () => Date.now() + hoursLater * 3_600_000 });
  const look = async () => {
    await due();
    reconciler.wake();
    await until(listedAfter(new Date(0))).toBe(true);
  };
  const filled = async () =>
    /^switchboard_webhooks_filled_in_total\{.*kind="message".* (\d+)$/m.exec(await reconciler.metrics())?.[1];
  const lose = (body: string) => receive(body, { at: new Date(Date.now() - 5_000) });
  await until(listedAfter(new Date(0))).toBe(true);
  const lost = [await lose('first')];
  await look();
  expect(await filled()).toBe('1');
  await look();
  lost.push(await lose('second'));
  await look();
  expect(await filled()).toBe('2');
  await until(() => ofClinic().map(({ message_id }) => message_id)).toEqual(lost.map(({ sid }) => sid));
  // Their events may have been lost, too.
  hoursLater = 1;
  await look();
  expect(await filled()).toBe('4');
});

it('while Twilio does not answer, nothing is taken for compared', async () => {
  await clinic.run(
    `INSERT INTO vendor_listings (tenant_id, vendor, listed_until) VALUES ($1, 'twilio', '2026-01-01T00:00:00Z')`,
  );
  const away = start({ twilio: { apiUrl: 'http://127.0.0.1:9', timeoutMs: 500 } });
  const state = async () => {
    const { rows } = await database.admin.query<{ until: string; claimed: boolean }>(
      `SELECT listed_until::date::text AS until, next_at > now() AS claimed FROM vendor_listings WHERE tenant_id = $1`,
      [clinic.tenantId],
    );
    return rows[0];
  };
  await until(state).toEqual({ until: '2026-01-01', claimed: true });
  await away.stop();
  expect(await state()).toEqual({ until: '2026-01-01', claimed: true });
  const lost = await receive('lost long ago', { at: new Date('2026-01-03T00:00:00Z') });
  await due();
  start();
  await until(() => ofClinic().map(({ message_id }) => message_id)).toEqual([lost.sid]);
});

it('a number that moves between two clinics of one account brings the later one no message of its time with the former', async () => {
  await receive('of the former clinic', { at: new Date(Date.now() - 7_200_000) });
  const former = clinic;
  const { number } = former;
  await former.run('DELETE FROM tenant_numbers WHERE tenant_id = $1 AND number = $2', [number]);
  clinic = await makeMessagesClinic(database, sealer, { ...account, number: `${number}9` });
  try {
    // As the API does it: the number is another, and the row as old as it was.
    await clinic.run(
      `INSERT INTO tenant_numbers (tenant_id, number, channel, created_at) VALUES ($1, $2, 'whatsapp', '2026-01-01Z')`,
      [number],
    );
    await server.receive({
      ...{ accountSid: account.accountSid, from: patient, to: number, body: 'of the later clinic' },
      at: new Date(Date.now() + 2_000),
    });
    let sends = 0;
    start({
      settleMs: -10_000,
      producer: {
        send: (message) => {
          sends += 1;
          return producer.send(message);
        },
      },
    });
    await until(listedAfter(new Date())).toBe(true);
    await until(() => ofClinic().map(({ body }) => body)).toEqual(['of the later clinic']);
    expect(sends).toBe(1);
  } finally {
    await former.run(`UPDATE tenants SET status = 'suspended' WHERE id = $1`);
  }
});
