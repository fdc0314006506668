import { randomBytes } from 'node:crypto';
import { uuidV7 } from '@switchboard/domain/ids';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { connectDirect } from '../blocks/direct-connection.ts';
import { type Client, createPool, type Pool, withTenant } from '../pool.ts';
import { loadTenantSettings } from '../tenants.ts';
import { inboxChannel, readInboxChange } from './notify.ts';
import { queueMessage } from './queue-message.ts';
import { type ClaimedSend, claimSends, postponeSend, sendChannel } from './sends.ts';
import { type SendOutcome, settleSend } from './settle-sends.ts';

const pseudonymKey = randomBytes(32);
const from = '+912240001234';
let database: TestDatabase;
let pool: Pool;
let tenantId: string;
let conversationId: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', max: 2 });
});
beforeEach(async () => {
  tenantId = await database.addTenant();
  conversationId = uuidV7(Date.now());
  await run(
    `INSERT INTO conversations (tenant_id, id, channel, state, contact_phone) VALUES ($1, $2, 'whatsapp', 'open', '+919812345678')`,
    [conversationId],
  );
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function run(sql: string, values: unknown[] = []): Promise<void> {
  await database.admin.query(sql, [tenantId, ...values]);
}

async function addMessage(source: string, externalId: string | null): Promise<string> {
  const id = uuidV7(Date.now());
  await run(
    `INSERT INTO conversation_messages (tenant_id, id, conversation_id, direction, sender_kind, body, status, sent_at, source, external_id)
     VALUES ($1, $2, $3, 'outbound', 'user', 'Hello', 'queued', now(), $4, $5)`,
    [id, conversationId, source, externalId],
  );
  return id;
}

async function queue(): Promise<string> {
  const id = await addMessage('switchboard', null);
  await run('INSERT INTO message_sends (tenant_id, message_id, conversation_id) VALUES ($1, $2, $3)', [
    id,
    conversationId,
  ]);
  return id;
}

async function claim(): Promise<ClaimedSend> {
  const { sends } = await withTenant(pool, tenantId, (client) =>
    claimSends(client, tenantId, { from, numbers: [from], perSecond: 1_000, most: 1, leaseMs: 60_000 }),
  );
  const [send] = sends;
  if (!send) throw new Error('nothing to claim');
  return send;
}

const settle = (send: ClaimedSend, outcome: SendOutcome) =>
  withTenant(pool, tenantId, (client) => settleSend(client, pseudonymKey, send, outcome));
const sent = (sid: string): SendOutcome => ({ state: 'sent', sid, status: 'queued', errorCode: null });
async function rowOf(id: string) {
  const { rows } = await database.admin.query(
    `SELECT m.status, m.source, m.external_id, m.entered_in_error, s.state FROM conversation_messages m
     LEFT JOIN message_sends s ON s.tenant_id = m.tenant_id AND s.message_id = m.id WHERE m.tenant_id = $1 AND m.id = $2`,
    [tenantId, id],
  );
  return rows[0];
}

it('whoever queues a message wakes the senders, and whoever ends one tells the inbox', async () => {
  const heard: string[] = [];
  const listener = await connectDirect({
    url: database.urlAs('switchboard_sink'),
    applicationName: 'test',
    listen: [sendChannel, inboxChannel],
    onNotification: (channel, payload) => heard.push(channel === inboxChannel ? payload : channel),
  });
  const messageId = await queue();
  await expect.poll(() => heard).toEqual([sendChannel]);
  await settle(await claim(), sent('SM1'));
  await expect.poll(() => heard.length).toBe(2);
  expect(readInboxChange(heard[1] ?? '')).toEqual({ tenantId, conversationId, kind: 'status', messageId });
  await listener.close();
});

it('answers of a conversation go out in the order in which they were taken, whichever transaction began first', async () => {
  const tenant = (await loadTenantSettings(pool, [tenantId])).get(tenantId);
  if (!tenant) throw new Error('the tenant is there');
  const take = async (client: Client, id: string) => {
    const cause = { eventId: uuidV7(Date.now()), traceparent: null };
    const outcome = await queueMessage(
      client,
      { tenant, pseudonymKey, cause },
      {
        ...{ id, conversationId, senderKind: 'user', senderId: null, body: null, template: 'HX1' },
        ...{ templateVariables: {}, quotedMessageId: null, fileId: null, at: new Date() },
      },
    );
    expect(outcome).toBe('queued');
  };
  const [slow, quick] = [uuidV7(Date.now()), uuidV7(Date.now())];
  await withTenant(pool, tenantId, async (client) => {
    await client.query('SELECT 1');
    await withTenant(pool, tenantId, (other) => take(other, quick));
    await take(client, slow);
  });
  const first = await claim();
  expect(first.messageId).toBe(quick);
  await settle(first, sent('SM1'));
  expect((await claim()).messageId).toBe(slow);
});

it('a message that a listing brought before its sender wrote down its id is no second one', async () => {
  const id = await queue();
  const send = await claim();
  const twin = await addMessage('twilio', 'SM2');
  expect(await settle(send, sent('SM2'))).toBe(true);
  expect(await rowOf(id)).toEqual({
    status: 'queued',
    source: 'twilio',
    external_id: 'SM2',
    entered_in_error: false,
    state: 'sent',
  });
  expect(await rowOf(twin)).toMatchObject({ external_id: null, entered_in_error: true });
});

it('the id of one send is never taken for another’s', async () => {
  await queue();
  await settle(await claim(), sent('SM3'));
  const second = await queue();
  const send = await claim();
  await expect(settle(send, sent('SM3'))).rejects.toMatchObject({ code: '23505' });
  expect(await rowOf(second)).toMatchObject({ state: 'sending', external_id: null });
});

it('who was slow and learns that Twilio has it is believed after it was given up; who knows less is not', async () => {
  const id = await queue();
  const send = await claim();
  expect(await settle(send, { state: 'unknown', errorCode: 'no_answer' })).toBe(true);
  expect(await rowOf(id)).toMatchObject({ status: 'unknown', state: 'unknown' });
  expect(await settle(send, { state: 'failed', errorCode: '63016' })).toBe(false);
  await withTenant(pool, tenantId, (client) =>
    postponeSend(client, send, { state: 'queued', errorCode: '20429', pauseMs: 0 }),
  );
  expect(await rowOf(id)).toMatchObject({ status: 'unknown', state: 'unknown' });
  expect(await settle(send, sent('SM4'))).toBe(true);
  expect(await rowOf(id)).toMatchObject({ status: 'queued', state: 'sent', external_id: 'SM4' });
  expect(await settle(send, sent('SM4'))).toBe(false);
});

it('an attempt that is not the last one has no word any more', async () => {
  const id = await queue();
  const first = await claim();
  await withTenant(pool, tenantId, (client) =>
    postponeSend(client, first, { state: 'queued', errorCode: '20429', pauseMs: 0 }),
  );
  const second = await claim();
  expect([first.attempt, second.attempt]).toEqual([1, 2]);
  expect(await settle(first, { state: 'unknown', errorCode: 'no_answer' })).toBe(false);
  expect(await rowOf(id)).toMatchObject({ state: 'sending' });
});
