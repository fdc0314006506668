import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { messageFact } from '@switchboard/domain/facts/message';
import { uuidV7 } from '@switchboard/domain/ids';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { checkChain, type NotedHead } from '../audit/check-chain.ts';
import { sealAudit } from '../audit/seals.ts';
import { stateTouched } from '../facts/state-touched.ts';
import { nameMessage } from '../messaging/name-message.ts';
import { queueMessage } from '../messaging/queue-message.ts';
import { beginAttempt, claimSends, dueSends, unsettledSends } from '../messaging/sends.ts';
import { findOlderStatements } from '../pipeline/older-statements.ts';
import { type Client, createPool, lockTenant, type Pool, withTenant } from '../pool.ts';
import { recountMessages } from '../recount/messages.ts';
import { loadTenantSettings } from '../tenants.ts';
import { restoreRows } from './restore.ts';
import { withSnapshot } from './snapshot.ts';

const pseudonymKey = randomBytes(32);
const number = '+912240001234';
const zone = 'Asia/Kolkata';
let from: TestDatabase;
let to: TestDatabase;
let restored: Pool;
let tenantId: string;
/** Of four messages at the moment of the snapshot. */
let waiting: string;
let claimed: string;
let asked: string;
let told: string;
let unsent: number;

beforeAll(async () => {
  const { postgresAdmin } = inject('engines');
  [from, to] = await Promise.all([createTestDatabase(postgresAdmin), createTestDatabase(postgresAdmin)]);
  tenantId = await from.addTenant();
  const pool = createPool({ url: from.urlAs('switchboard_sink'), applicationName: 'test', max: 1 });
  await withTenant(pool, tenantId, async (client) => {
    [told, asked, claimed] = [await queue(client), await queue(client), await queue(client)];
    const { sends } = await claimSends(client, tenantId, {
      ...{ from: number, numbers: [number], perSecond: 100, most: 3, leaseMs: 60_000 },
    });
    for (const send of sends) if (send.messageId !== claimed) await beginAttempt(client, send, 'AC1');
    // A callback came before the answer.
    await nameMessage(client, tenantId, told, { source: 'twilio', externalId: 'SM1' });
    waiting = await queue(client);
  });
  await pool.end();
  await from.admin.query(
    `WITH who AS (
       INSERT INTO users (tenant_id, id, email, display_name, role, password_hash)
       VALUES ($1, $2, 'ann@clinic.example', 'Ann', 'agent', 'x') RETURNING tenant_id, id)
     INSERT INTO sessions (tenant_id, token_hash, user_id, expires_at)
     SELECT tenant_id, sha256('ann'), id, now() + interval '1 day' FROM who`,
    [tenantId, uuidV7(Date.now())],
  );
  for (const action of ['first', 'second']) {
    await note(from, action);
    await sealAudit(from.admin, 10);
  }
  await note(from, 'not sealed yet');
  unsent = await copy();
  restored = createPool({ url: to.urlAs('switchboard_sink'), applicationName: 'test', max: 2 });
});
afterAll(async () => {
  await restored.end();
  await from.drop();
  await to.drop();
});

/** A message to somebody else. @returns its id */
async function queue(client: Client): Promise<string> {
  const [id, conversationId] = [uuidV7(Date.now()), uuidV7(Date.now())];
  await client.query(
    `INSERT INTO conversations (tenant_id, id, channel, state, contact_phone)
     VALUES ($1, $2, 'whatsapp', 'open', '+9198' || lpad((SELECT count(*) FROM conversations)::text, 8, '0'))`,
    [tenantId, conversationId],
  );
  await queueMessage(client, await contextOf(client), {
    ...{ id, conversationId, senderKind: 'user', senderId: null, body: null, template: 'reminder' },
    ...{ templateVariables: {}, quotedMessageId: null, fileId: null, at: new Date() },
  });
  return id;
}

async function contextOf(client: Client) {
  const tenant = (await loadTenantSettings(client, [tenantId])).get(tenantId);
  if (!tenant) throw new Error('the tenant is there');
  return { tenant, pseudonymKey, cause: { eventId: uuidV7(Date.now()), traceparent: null } };
}

/** As a backup and a restore do it. @returns how many messages were still to be sent */
function copy(): Promise<number> {
  return withSnapshot(from.adminUrl, async ({ copyOut, ...snapshot }) => {
    const rows = new Map<string, Buffer>();
    for (const table of snapshot.tables) rows.set(table.name, await buffer(copyOut(table)));
    const result = await restoreRows({
      ...snapshot,
      url: to.adminUrl,
      rowsOf: ({ name }) => Readable.from([rows.get(name) ?? '']),
      prepare: async () => undefined,
    });
    return result.unsent;
  });
}

async function note(database: TestDatabase, action: string): Promise<void> {
  await database.admin.query(
    `INSERT INTO audit_log (tenant_id, actor_kind, actor_id, action, details) VALUES ($1, 'system', 's', $2, '{"n": 1.50}')`,
    [tenantId, action],
  );
}

function chainOf(database: TestDatabase, noted: NotedHead[] = []) {
  const pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', max: 1 });
  return withTenant(pool, tenantId, (client) => checkChain(client, tenantId, noted)).finally(() =>
    pool.end(),
  );
}

async function shown(id: string) {
  const { rows } = await to.admin.query(
    `SELECT m.status, m.error_code, s.state, f.statement ->> 'status' AS fact FROM conversation_messages m
     JOIN message_sends s ON s.tenant_id = m.tenant_id AND s.message_id = m.id
     JOIN fact_current f ON f.tenant_id = m.tenant_id AND f.kind = 'message' AND f.entity_id = m.id WHERE m.id = $1`,
    [id],
  );
  return rows[0];
}

it('sends nothing again that waited at the backup and went out since: it is shown as unknown', async () => {
  expect(unsent).toBe(3);
  for (const id of [waiting, claimed, asked])
    expect(await shown(id)).toMatchObject({ status: 'unknown', error_code: 'restored', state: 'unknown' });
  const { sends } = await withTenant(restored, tenantId, (client) =>
    claimSends(client, tenantId, { from: number, numbers: [number], perSecond: 100, most: 9, leaseMs: 1 }),
  );
  expect(sends).toEqual([]);
  await to.admin.query(`UPDATE message_sends SET next_attempt_at = now() - interval '1 s'`);
  expect(await dueSends(restored)).toMatchObject([{ tenantId }]);
});

it('leaves what is known to have been taken to its end, and to the comparison what had been asked for', async () => {
  expect(await shown(told)).toMatchObject({ status: 'queued', error_code: null, state: 'sending' });
  const unsettled = await withTenant(restored, tenantId, (client) =>
    unsettledSends(client, tenantId, new Date(0)),
  );
  expect(unsettled.map(({ messageId }) => messageId).toSorted()).toEqual([told, asked].toSorted());
});

it('keeps numbers equal to the records: what became unknown is stated again', async () => {
  const { kind, statementVersion } = messageFact;
  await withTenant(restored, tenantId, async (client) => {
    expect(await recountMessages(client, tenantId, zone)).toMatchObject({ compared: 1, differences: [] });
    const { rows } = await client.query('SELECT zone FROM fact_current WHERE kind = $1 AND entity_id = $2', [
      kind,
      told,
    ]);
    const today = { kind, statementVersion, zone: rows[0]?.zone };
    const { ids } = await findOlderStatements(client, tenantId, today, 9);
    expect([...ids].toSorted()).toEqual([waiting, claimed, asked].toSorted());
    await lockTenant(client, tenantId);
    await stateTouched(client, await contextOf(client), { messages: [...ids] });
    expect(await recountMessages(client, tenantId, zone)).toMatchObject({ compared: 4, differences: [] });
  });
  expect(await shown(waiting)).toMatchObject({ fact: '' });
});

it('a callback that is read again still says that it went out', async () => {
  await withTenant(restored, tenantId, (client) =>
    nameMessage(client, tenantId, waiting, { source: 'twilio', externalId: 'SM2' }),
  );
  expect(await shown(waiting)).toMatchObject({ state: 'sent' });
});

it('lets in nobody by a session of before', async () => {
  expect((await to.admin.query('SELECT FROM users')).rowCount).toBe(1);
  expect((await to.admin.query('SELECT FROM sessions')).rowCount).toBe(0);
});

it('the audit log fits its seals and goes on; only a block that was noted after the backup is missed', async () => {
  const before = { rows: 2, blocks: 2, waiting: 1, firstBreak: null };
  const { head, ...report } = await chainOf(to);
  expect(report).toEqual(before);
  await note(to, 'after the restore');
  await sealAudit(to.admin, 10);
  expect(await chainOf(to, head ? [head] : [])).toMatchObject({ rows: 4, blocks: 3, firstBreak: null });
  await sealAudit(from.admin, 10);
  const { head: later } = await chainOf(from);
  expect(await chainOf(to, later ? [later] : [])).toMatchObject({
    firstBreak: { kind: 'head_differs', block: 3 },
  });
});
