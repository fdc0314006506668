import { createLogger } from '@switchboard/platform';
import { type InboxChange, notifyInbox } from '@switchboard/postgres/messaging/notify';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { type FaultProxy, startProxyBefore } from '@switchboard/testkit/fault-proxy';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type BlockListener, startBlockListener } from './block-listener.ts';

const tenantId = '01890000-0000-7000-8000-0000000000aa';
let database: TestDatabase;
let proxy: FaultProxy;
let listener: BlockListener;
const heard: (readonly string[] | null)[] = [];
const conversations: (InboxChange | null)[] = [];

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  const before = await startProxyBefore(database.urlAs('switchboard_api'));
  proxy = before;
  listener = startBlockListener({
    databaseUrl: before.url,
    logger: createLogger({ service: 'test', level: 'silent' }),
    onBlock: (tenantIds) => heard.push(tenantIds),
    onConversation: (change) => conversations.push(change),
  });
});
afterAll(async () => {
  await listener?.stop();
  await proxy?.stop();
  await database?.drop();
});

const tell = () =>
  database.admin.query(
    `SELECT pg_notify('switchboard_block_done', json_build_object('tenants', ARRAY[$1::text])::text)`,
    [tenantId],
  );

test('a connection that ended without a word is noticed, and what was missed is told as a change of all', async () => {
  await expect.poll(() => heard).toEqual([null]);
  expect(listener.isConnected()).toBe(true);
  await tell();
  await expect.poll(() => heard).toEqual([null, [tenantId]]);
  proxy.freeze();
  await tell();
  await expect.poll(() => listener.isConnected(), { timeout: 15_000, interval: 20 }).toBe(false);
  await expect.poll(() => heard, { timeout: 15_000 }).toEqual([null, [tenantId], null]);
  await expect.poll(() => listener.isConnected()).toBe(true);
  await tell();
  await expect.poll(() => heard).toEqual([null, [tenantId], null, [tenantId]]);
  const change = { tenantId, conversationId: tenantId, kind: 'message', messageId: null } as const;
  await notifyInbox(database.admin, [change]);
  await expect.poll(() => conversations).toEqual([null, null, change]);
});
