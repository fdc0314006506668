import { createSecretKey, randomUUID } from 'node:crypto';
import { eventId } from '@switchboard/domain/ids';
import { createLogger, createMetrics, createSealer, SwitchboardError } from '@switchboard/platform';
import type { Rounds } from '@switchboard/platform/rounds';
import { createPool, type Pool } from '@switchboard/postgres';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { createReadCloudEvent } from '../clinic-events/read-cloud-event.ts';
import { createIngestMetrics } from '../ingest-metrics.ts';
import { createRecordReader } from '../records/read-record.ts';
import type { Tenant } from '../tenants/tenant-directory.ts';
import { callBody } from '../testing/post-webhook.ts';
import { createVendors } from '../vendors/index.ts';
import type { VendorAdapter } from '../vendors/vendor.ts';
import { createReplayBody } from './replay-body.ts';
import { startReplayingLetters } from './replay-letters.ts';

const sealer = createSealer(Buffer.alloc(32, 4));
const patience = { timeout: 20_000, interval: 50 };
const came = Date.parse('2026-11-20T05:02:11.000Z');
const sent: {
  id: string;
  receivedAt: number;
  sendId: string | null | undefined;
  headers: Readonly<Record<string, string>>;
}[] = [];
const ourSend = '0190f3c1-5c0a-7d1e-9a55-3f6f1c2d4e5f';
const log: string[] = [];
/** What no adapter reads yet, as a fault of ours that an update mends. */
const vendors = new Map<string, VendorAdapter>();
let brokerAway = true;
/** Each came a second after the one before: in this order they are taken again. */
let stored = 0;
let database: TestDatabase;
let pool: Pool;
let tenant: Tenant;
let replays: Rounds;
beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_ingest'), applicationName: 'test' });
  tenant = {
    id: await database.addTenant(),
    slug: 'asha',
    active: true,
    webhookModes: new Set(),
    secrets: [],
    twilioSecrets: [],
    numbers: [],
    apiKeys: [],
    quotas: {},
  };
  const send = async (
    event: { event_id: string; received_at: number; send_id?: string | null },
    headers: Record<string, string>,
  ) => {
    if (brokerAway) throw new SwitchboardError('broker_unavailable', 'away', { retryable: true });
    sent.push({ id: event.event_id, receivedAt: event.received_at, sendId: event.send_id, headers });
  };
  const metrics = createMetrics('test');
  replays = startReplayingLetters({
    db: pool,
    tenants: { isLoaded: () => true, find: (name) => (name === tenant.id ? tenant : undefined) },
    replayBody: createReplayBody({
      sink: {
        sendCall: send,
        sendRecord: send,
        sendMessage: send,
        sendDeadLetter: async () => {
          throw new Error('it is one already');
        },
        check: async () => undefined,
      },
      vendors,
      readCloudEvent: createReadCloudEvent(createRecordReader()),
      pseudonymKey: createSecretKey(Buffer.alloc(32, 4)),
      metrics: createIngestMetrics(metrics),
    }),
    sealer,
    logger: createLogger({ service: 'test', level: 'trace' }, { write: (line) => log.push(line) }),
    failures: metrics.counter('failures_total', 'Failures.', ['job']),
    everyMs: 60_000,
  });
});
afterAll(async () => {
  await replays.stop();
  await pool.end();
  await database.drop();
});

async function store(source: string, body: string, contentType = 'application/json', tenantId = tenant.id) {
  const at = new Date(came + stored * 1_000);
  stored += 1;
  const id = randomUUID();
  await database.admin.query(
    `INSERT INTO dead_letters (id, tenant_id, stage, reason, source, content_type, sealed, attempts, first_at, last_at, state)
     VALUES ($1, $2, 'ingest', 'unexpected_error', $3, $4, $5, 1, $6, $6, 'open')`,
    [id, tenantId, source, contentType, sealer.seal(Buffer.from(body)), at],
  );
  return id;
}
const stateOf = async (id: string) => {
  const { rows } = await database.admin.query(
    'SELECT state, reason, attempts FROM dead_letters WHERE id = $1',
    [id],
  );
  return rows[0];
};
const ask = async (...ids: string[]) => {
  await database.admin.query(
    `UPDATE dead_letters SET state = 'replaying', replay_id = gen_random_uuid(), replay_due_at = now() WHERE id = ANY ($1)`,
    [ids],
  );
  replays.wake();
};

it('bodies that ingest had set aside are taken again at their door, each under its own event’s id', async () => {
  const call = await store('zoice', JSON.stringify(callBody('evt_zzsecretzz')));
  const event = {
    specversion: '1.0',
    id: 'e-1',
    source: '/clinic',
    type: 'patient.created',
    subject: 'P-1',
    time: '2026-11-20T05:00:00Z',
    data: { first_name: 'Zzsecretzz' },
  };
  const record = await store('events', JSON.stringify(event), 'application/cloudevents+json');
  const form = new URLSearchParams({
    MessageSid: 'SM0123456789abcdef0123456789abcdef',
    From: 'whatsapp:+919812345678',
    To: 'whatsapp:+912240001234',
    Body: 'zzsecretzz',
    SmsStatus: 'received',
  });
  const message = await store('twilio', String(form), 'application/x-www-form-urlencoded');
  const callback = new URLSearchParams({
    MessageSid: 'SM0123456789abcdef0123456789abcdee',
    From: 'whatsapp:+912240001234',
    To: 'whatsapp:+919812345678',
    MessageStatus: 'delivered',
  });
  const told = await store('twilio', String(callback), `application/x-www-form-urlencoded; send=${ourSend}`);
  const broken = await store('zoice', 'zzsecretzz {');
  const nobodys = await store('zoice', '{}', 'application/json', randomUUID());

  // The vendor is not known yet, and the broker is away.
  await ask(call, record);
  await vi.waitFor(async () => {
    expect(await stateOf(call)).toEqual({ state: 'open', reason: 'unknown_vendor', attempts: 2 });
  }, patience);
  expect((await stateOf(record))?.state).toBe('replaying');
  brokerAway = false;
  for (const [name, adapter] of createVendors()) vendors.set(name, adapter);
  await ask(call, record, message, told, broken, nobodys);
  await vi.waitFor(async () => {
    for (const id of [call, record, message, told]) expect((await stateOf(id))?.state).toBe('replayed');
    expect(await stateOf(broken)).toEqual({ state: 'open', reason: 'not_json', attempts: 2 });
    expect(await stateOf(nobodys)).toEqual({ state: 'open', reason: 'unknown_tenant', attempts: 2 });
  }, patience);

  await ask(call);
  await vi.waitFor(async () => expect((await stateOf(call))?.state).toBe('replayed'), patience);
  const ids = sent.map(({ id }) => id);
  const callId = eventId(tenant.id, 'zoice', 'voice-call', 'evt_zzsecretzz');
  expect(ids.filter((id) => id === callId)).toHaveLength(2);
  expect(ids).toContain(eventId(tenant.id, 'events', 'record', 'e-1', '/clinic'));
  expect(new Set(ids).size).toBe(4);
  expect(sent.flatMap(({ sendId }) => sendId ?? [])).toEqual([ourSend]);
  expect(new Set(sent.map(({ receivedAt }) => receivedAt))).toEqual(
    new Set([came, came + 1_000, came + 2_000, came + 3_000]),
  );
  expect(log.join('')).not.toMatch(/zzsecretzz/i);
}, 60_000);
