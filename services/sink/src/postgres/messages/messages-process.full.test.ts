import { randomUUID } from 'node:crypto';
import { createPool, withTenant } from '@switchboard/postgres';
import { recountConversations } from '@switchboard/postgres/recount/conversations';
import { recountMessages } from '@switchboard/postgres/recount/messages';
import type { MessageEnriched } from '@switchboard/schemas';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { createRandom } from '@switchboard/testkit/simulate/random';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { createSinkProcess } from '../records/testing/sink-process.ts';
import { messageEvent } from './testing/message-events.ts';

const engines = inject('engines');
const patience = { timeout: 90_000, interval: 200 };
const start = Date.parse('2026-11-20T05:00:00Z');
const minute = 60_000;
const contacts = 40;
let database: TestDatabase;
let sink: Awaited<ReturnType<typeof createSinkProcess>>;

beforeAll(async () => {
  database = await createTestDatabase(engines.postgresAdmin);
  sink = await createSinkProcess(engines, database.urlAs('switchboard_sink'));
  sink.start();
}, 60_000);
afterAll(async () => {
  await sink.close();
  await database.drop();
});

const rows = async (sql: string, tenantId: string) =>
  (await database.admin.query<Record<string, unknown>>(sql, [tenantId])).rows;
const taken = async (tenantId: string) =>
  Number((await rows('SELECT count(*) AS n FROM inbox WHERE tenant_id = $1', tenantId))[0]?.n);

/** Of one contact: a question, an answer that was read, a reaction to it, a correction of the question. */
function storyOf(tenantId: string, contact: number): MessageEnriched[] {
  const sid = (name: string) => `SM${contact}-${name}`;
  const tell = (at: number, ...[parts, analysis]: [Parameters<typeof messageEvent>[2], object?]) =>
    messageEvent(tenantId, start + at * minute, parts, analysis ?? null, `+9198123${10_000 + contact}`);
  const callback = (at: number, status: string) =>
    tell(at, { message_id: sid('b'), event_type: 'message.status', direction: 'outbound', status });
  return [
    tell(1, { message_id: sid('a'), body: 'zzsecretzz?' }, { intent: 'other' }),
    tell(2, { message_id: sid('b'), direction: 'outbound', body: 'Yes', status: 'queued' }),
    ...['sent', 'delivered', 'read'].map((status, index) => callback(3 + index, status)),
    tell(6, { message_id: sid('c'), kind: 'reaction', reaction: '👍', target_message_id: sid('b') }),
    tell(7, {
      message_id: sid('d'),
      event_type: 'message.edited',
      target_message_id: sid('a'),
      body: 'zzsecretzz!',
    }),
    tell(8, { message_id: sid('e'), body: 'One more', quoted_message_id: sid('b') }, { intent: 'other' }),
  ];
}

it('messages are written once each, in any order, however often the process is killed; what is wrong is set aside', async () => {
  const tenantId = await database.addTenant();
  const random = createRandom(11);
  const events = Array.from({ length: contacts }, (_, contact) =>
    random.shuffle(storyOf(tenantId, contact)),
  ).flat();
  await sink.sendBytes('message.enriched.v1', Buffer.from('zzsecretzz is not Avro'));
  const poison = messageEvent(tenantId, start, { message_id: 'SM-nul', body: 'zzsecretzz\u0000' });
  await sink.sendMessages([
    ...events,
    poison,
    ...events.filter(() => random.chance(0.3)),
    messageEvent(randomUUID(), start, { message_id: 'SM-nobody', body: 'zzsecretzz' }),
  ]);
  for (const least of [1, 100, 200]) {
    await vi.waitFor(async () => expect(await taken(tenantId)).toBeGreaterThanOrEqual(least), patience);
    await sink.end('SIGKILL');
    sink.start();
  }
  await vi.waitFor(async () => {
    expect(await taken(tenantId)).toBe(events.length);
    const letters = await rows(`SELECT reason FROM dead_letters WHERE $1::text <> '' ORDER BY 1`, tenantId);
    expect(letters.map(({ reason }) => reason)).toEqual(['not_avro', 'row_refused', 'unknown_tenant']);
  }, patience);

  expect(
    await rows(
      `SELECT split_part(m.external_id, '-', 2) AS name, m.body, m.status, q.body AS quoted, count(*)::int AS messages
       FROM conversation_messages m LEFT JOIN conversation_messages q ON q.tenant_id = $1 AND q.id = m.quoted_message_id
       WHERE m.tenant_id = $1 GROUP BY 1, 2, 3, 4 ORDER BY 1`,
      tenantId,
    ),
  ).toEqual([
    { name: 'a', body: 'zzsecretzz!', status: 'received', quoted: null, messages: contacts },
    { name: 'b', body: 'Yes', status: 'read', quoted: null, messages: contacts },
    { name: 'c', body: '👍', status: 'received', quoted: 'Yes', messages: contacts },
    { name: 'e', body: 'One more', status: 'received', quoted: 'Yes', messages: contacts },
  ]);
  expect(
    await rows(
      'SELECT state, unread, count(*)::int AS conversations FROM conversations WHERE tenant_id = $1 GROUP BY 1, 2',
      tenantId,
    ),
  ).toEqual([{ state: 'open', unread: 1, conversations: contacts }]);
  expect(await rows('SELECT 1 FROM told_messages WHERE tenant_id = $1', tenantId)).toEqual([]);
  const pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test' });
  const counted = await withTenant(pool, tenantId, async (client) => [
    await recountMessages(client, tenantId, 'Asia/Kolkata'),
    await recountConversations(client, tenantId, 'Asia/Kolkata'),
  ]);
  await pool.end();
  expect(counted.flatMap(({ differences }) => differences)).toEqual([]);
  const told = await rows(
    `SELECT coalesce(string_agg(concat_ws(' ', reason, detail, source, topic, message_key), ' '), '')
       || (SELECT string_agg(line, ' ') FROM outbox) AS text FROM dead_letters WHERE $1::text <> ''`,
    tenantId,
  );
  for (const text of [sink.printed(), String(told[0]?.text)]) expect(text).not.toContain('zzsecretzz');
}, 240_000);
