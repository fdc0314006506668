import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { z } from 'zod';
import { conversationDetail, conversationList } from '../conversations/conversation-schema.ts';
import { createTestClient, type EventReader, readEvents, type TestClient } from '../testing/client.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';
import { storeCall } from '../testing/store-call.ts';
import { planted, type StoredConversation, storeConversation } from '../testing/store-conversation.ts';
import { withoutIds } from '../testing/without-ids.ts';

const path = '/api/v1/conversations';
let clinic: ApiClinic;
let patientId: string;
let agentId: string;
const streams: EventReader[] = [];

beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'), { recheckMs: 200 });
  await clinic.finishBlock(clinic.tenantId, clinic.otherTenantId);
  patientId = randomUUID();
  await clinic.run(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, origin) VALUES ($1, $2, $3, $4, 'whatsapp')`,
    [patientId, planted.firstName, planted.lastName],
  );
  const [agent] = await clinic.run<{ id: string }>(
    `SELECT id FROM users WHERE tenant_id = $1 AND role = 'agent'`,
  );
  agentId = agent?.id ?? '';
});
beforeEach(() => clinic.newAudit());
afterEach(() => {
  for (const stream of streams.splice(0)) stream.stop();
});
afterAll(() => clinic?.stop());

const store = (given = {}) => storeConversation(clinic.database, clinic.tenantId, { patientId, ...given });
const list = async (query: string, client = clinic.agent) =>
  bodyOf(conversationList, await client.get(`${path}?${query}`));
const idsOf = ({ conversations }: z.infer<typeof conversationList>) => conversations.map(({ id }) => id);
const detailOf = async (id: string, client = clinic.agent) =>
  bodyOf(conversationDetail, await client.get(`${path}/${id}`));
const change = (id: string, body: unknown, headers = {}, client: TestClient = clinic.agent) =>
  client.send('PATCH', `${path}/${id}`, body, headers);
async function listen(client: TestClient, headers = {}, interval = 300) {
  const stream = await readEvents(`${clinic.url}/api/v1/analytics/realtime?interval=${interval}`, {
    ...client.headers,
    ...headers,
  });
  streams.push(stream);
  await stream.until(1);
  return stream;
}

describe('the inbox', () => {
  const label = 'inbox-order';
  let rows: StoredConversation[];

  beforeAll(async () => {
    rows = [];
    for (const minutesAgo of [50, 10, 30, 20, 40]) {
      const row = await store({ labels: [label], unread: minutesAgo === 10 ? 2 : 0 });
      await row.add({ body: `asked ${minutesAgo} minutes ago`, minutesAgo });
      rows.push(row);
    }
  });

  test('is listed by the latest activity, page by page, each once, though others come meanwhile', async () => {
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: z.infer<typeof conversationList> = await list(
        `label=${label}&limit=2${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...idsOf(page));
      expect(page.counts === null).toBe(cursor !== '');
      cursor = page.next_cursor;
      const newer = await store({ labels: [label], state: 'resolved' });
      await newer.add({ minutesAgo: 0 });
    }
    expect(seen).toEqual([1, 3, 2, 4, 0].map((index) => rows[index]?.id));
  });

  test('is filtered by all of its tabs, and counts them', async () => {
    const own = 'tabs';
    const mine = await store({ labels: [own], assigneeId: agentId, unread: 1 });
    const pending = await store({ labels: [own, 'vip'], state: 'pending' });
    const resolved = await store({ labels: [own], state: 'resolved', assigneeId: agentId });
    const sms = await store({ labels: [own], channel: 'sms', unread: 3 });
    const found = async (query: string) => idsOf(await list(`label=${own}&${query}`)).sort();
    expect(await found('status=open')).toEqual([mine.id, sms.id].sort());
    expect(await found('status=pending&status=resolved')).toEqual([pending.id, resolved.id].sort());
    expect(await found('assignee=me')).toEqual([mine.id, resolved.id].sort());
    expect(await found(`assignee=${agentId}&assignee=none&status=open`)).toEqual([mine.id, sms.id].sort());
    expect(await found('assignee=none')).toEqual([pending.id, sms.id].sort());
    expect(await found('unread=true')).toEqual([mine.id, sms.id].sort());
    expect(await found('channel=sms')).toEqual([sms.id]);
    expect(idsOf(await list('label=vip'))).toEqual([pending.id]);
    expect((await list(`label=${own}&status=resolved`)).counts).toEqual({
      open: 2,
      pending: 1,
      snoozed: 0,
      unread: 2,
      mine: 1,
      mine_unread: 1,
      unassigned: 2,
      unassigned_unread: 1,
    });
  });

  test('a snooze that is over is open again by itself', async () => {
    const row = await store({ labels: ['woken'], state: 'snoozed' });
    const until = (when: string) =>
      clinic.run('UPDATE conversations SET snoozed_until = $3 WHERE tenant_id = $1 AND id = $2', [
        row.id,
        when,
      ]);
    await until('2100-01-01');
    expect(idsOf(await list('label=woken&status=snoozed'))).toEqual([row.id]);
    expect(idsOf(await list('label=woken&status=open'))).toEqual([]);
    await until('2026-01-01');
    expect(idsOf(await list('label=woken&status=snoozed'))).toEqual([]);
    const { conversations, counts } = await list('label=woken&status=open');
    expect(conversations).toMatchObject([{ id: row.id, status: 'open', snoozed_until: null }]);
    expect(counts).toMatchObject({ open: 1, snoozed: 0 });
  });

  test('a call is a conversation that names its call', async () => {
    const call = await storeCall(clinic.database, clinic.tenantId, '2026-11-20T10:00:00Z');
    const { conversations } = await list(`channel=voice&patient_id=${call.patientId}`);
    expect(conversations).toMatchObject([
      { channel: 'voice', call_id: call.id, intent: 'book_appointment', last_message: null },
    ]);
    const id = conversations[0]?.id ?? '';
    expect(await detailOf(id)).toMatchObject({
      calls: [{ id: call.id, outcome: 'booked' }],
      can_send: { text: false, template: false, reason: 'not_a_chat' },
      window_ends_at: null,
    });
    const found = await list('q=knee');
    expect(found.conversations).toMatchObject([
      {
        id,
        hits: [
          { message_id: null, turn: 1, snippet: expect.arrayContaining([{ text: 'knee', match: true }]) },
        ],
      },
    ]);
  });

  test('is searched by words, name and number, and says where', async () => {
    const row = await store({ labels: ['searched'], phone: '+919700011122', patientId: undefined });
    const first = await row.add({ body: 'my wrist hurts, xylophone', minutesAgo: 9 });
    const second = await row.add({ body: 'the xylophone wrist again', minutesAgo: 5 });
    const found = await list('q=xylophone');
    expect(found.conversations).toMatchObject([
      { id: row.id, hits: [{ message_id: second }, { message_id: first }] },
    ]);
    expect(found.conversations[0]?.hits?.[0]?.snippet).toContainEqual({ text: 'xylophone', match: true });
    const [byNumber] = (await list('q=97000%2011122')).conversations;
    expect(byNumber).toMatchObject({ id: row.id, hits: [] });
    expect(idsOf(await list(`q=${planted.firstName.toLowerCase()}&label=${label}`))).toContain(rows[0]?.id);
    expect(idsOf(await list('q=xylophone&status=resolved'))).toEqual([]);
    const posted = await clinic.agent.post(`${path}/search`, { q: 'xylophone', channel: 'whatsapp' });
    expect(idsOf(await bodyOf(conversationList, posted))).toEqual([row.id]);
    const audit = await clinic.newAudit();
    expect(audit.filter(({ action }) => action === 'conversation.search')).toHaveLength(5);
    expect(withoutIds(audit.map(({ text }) => text).join())).not.toMatch(/xylophone|11122/i);
  });
});

test('a search that finds more calls than are looked through keeps the newest, and says so', async () => {
  await clinic.run(
    `WITH n AS (SELECT n, md5('found' || n)::uuid AS id FROM generate_series(1, 201) n),
       k AS (INSERT INTO conversations (tenant_id, id, channel) SELECT $1, id, 'voice' FROM n),
       c AS (INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, conversation_id, began_at, merge_state)
         SELECT $1, id, 'zoice', 'found_' || n, 'inbound', id, now() - make_interval(hours => n), '{}' FROM n)
     INSERT INTO voice_call_transcripts (tenant_id, call_id, turn_index, speaker, text)
     SELECT $1, id, 0, 'caller', 'my marimba hurts' FROM n`,
  );
  const { searched_newest, conversations, next_cursor } = await list('q=marimba&limit=200');
  expect([searched_newest, conversations.length, next_cursor]).toEqual([200, 200, null]);
  expect((await list('q=xylophone')).searched_newest).toBeUndefined();
});

describe('those who see no PHI', () => {
  test('read masked texts, nothing before it was analysed, and find by what they may read alone', async () => {
    const row = await store({ labels: ['masked', `for ${planted.lastName}`] });
    const named = await row.add({
      body: `${planted.firstName} asks about the zither, call 98123 45678`,
      marked: [planted.firstName],
      minutesAgo: 9,
    });
    await row.add({ kind: 'reaction', body: '👍', quoted: named, minutesAgo: 8, direction: 'outbound' });
    await row.add({ kind: 'reaction', body: planted.lastName, quoted: named, minutesAgo: 8 });
    await row.add({ body: `never analysed ${planted.lastName} zither`, quoted: named, minutesAgo: 5 });
    await clinic.run(
      `INSERT INTO message_media (tenant_id, message_id, position, state, content_type) VALUES ($1, $2, 0, 'pending', 'image/jpeg')`,
      [named],
    );
    await clinic.agent.post(`${path}/${row.id}/notes`, { text: `${planted.lastName} is anxious` });
    const answers = [
      await clinic.analyst.get(`${path}?label=masked`),
      await clinic.analyst.get(`${path}?q=zither`),
      await clinic.analyst.get(`${path}/${row.id}`),
      await clinic.analyst.get(`${path}/${row.id}/messages`),
      await clinic.analyst.get(`${path}/${row.id}/notes`),
    ];
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(withoutIds(texts.join())).not.toMatch(/rohini|deshpande|98123|45678|anxious|api\/v1\/media/i);
    expect(texts[1]).toContain(row.id);
    expect(texts[3]).toMatch(/\[name\] asks about the zither, call \[number\].*👍.*\[not redacted yet\]/s);
    for (const q of [
      planted.firstName,
      planted.lastName,
      '98123 45678',
      planted.phone,
      'anxious',
      'never -zither',
    ])
      expect(idsOf(await list(`q=${encodeURIComponent(q)}`, clinic.analyst))).toEqual([]);
  });

  test('are told nothing by a search for a masked name, however many texts name it', async () => {
    const row = await store({ labels: ['masked'] });
    await clinic.run(
      `INSERT INTO conversation_messages (tenant_id, id, conversation_id, direction, sender_kind, kind, body, status, redactions,
         extractor_version, sent_at, source)
       SELECT $1, gen_random_uuid(), $2, 'inbound', 'patient', 'text', 'Balalaika asks', 'received',
         '[{"start": 0, "end": 9, "kind": "name"}]', 'test-1', now(), 'twilio' FROM generate_series(1, 201)`,
      [row.id],
    );
    const found = await list('q=balalaika', clinic.analyst);
    expect(found).toEqual(await list('q=nobodyhasthisname', clinic.analyst));
    expect(found.conversations).toEqual([]);
    expect(idsOf(await list('q=balalaika'))).toEqual([row.id]);
    // More calls say this than are looked through.
    expect(await list('q=marimba', clinic.analyst)).toEqual(found);
  });

  test('change nothing', async () => {
    const row = await store();
    for (const answer of [
      await change(row.id, { read: true }, {}, clinic.analyst),
      await clinic.analyst.post(`${path}/${row.id}/messages`, { text: 'hello' }),
      await clinic.analyst.post(`${path}/${row.id}/notes`, { text: 'hello' }),
    ])
      expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'not_allowed' });
  });

  test('a key reads what its scope says and writes nothing', async () => {
    const row = await store();
    const key = async (scope: string) =>
      createTestClient(clinic.url, { 'x-api-key': await clinic.addKey(clinic.tenantId, [scope]) });
    expect((await (await key('records:read')).get(`${path}/${row.id}`)).status).toBe(200);
    expect((await (await key('records:read')).get(`${path}?assignee=me`)).status).toBe(200);
    expect((await change(row.id, { read: true }, {}, await key('admin'))).status).toBe(403);
    expect((await (await key('analytics:read')).get(path)).status).toBe(403);
  });
});

describe('a decision', () => {
  const factOf = async (id: string) => {
    const [fact] = await clinic.run<{ statement: Record<string, unknown> }>(
      `SELECT statement FROM fact_current WHERE tenant_id = $1 AND kind = 'conversation' AND entity_id = $2 AND statement IS NOT NULL LIMIT 1`,
      [id],
    );
    return fact?.statement;
  };

  test('assigns, labels, snoozes and resolves; facts follow, and it is audited', async () => {
    const row = await store({ unread: 2 });
    await row.add({ body: 'hello', minutesAgo: 1 });
    const changed = await bodyOf(
      conversationDetail,
      await change(row.id, { assignee_id: agentId, labels: ['vip', 'a', 'vip'] }),
    );
    expect(changed).toMatchObject({ assignee: { id: agentId }, labels: ['a', 'vip'], version: 2, unread: 2 });
    expect(await factOf(row.id)).toMatchObject({ assignee_id: agentId, state: 'open' });
    const snoozed = await change(row.id, { status: 'snoozed', snoozed_until: '2099-01-01T00:00:00Z' });
    expect(await bodyOf(conversationDetail, snoozed)).toMatchObject({
      status: 'snoozed',
      snoozed_until: '2099-01-01T00:00:00.000Z',
    });
    const resolved = await bodyOf(conversationDetail, await change(row.id, { status: 'resolved' }));
    expect(resolved).toMatchObject({
      status: 'resolved',
      snoozed_until: null,
      unread: 0,
      reopened: 0,
      version: 4,
    });
    expect(resolved.resolved_at).not.toBeNull();
    expect(await factOf(row.id)).toMatchObject({ state: 'resolved' });
    const opened = await bodyOf(
      conversationDetail,
      await change(row.id, { status: 'open', assignee_id: null }),
    );
    expect(opened).toMatchObject({ status: 'open', resolved_at: null, reopened: 1, assignee: null });
    const audit = await clinic.newAudit();
    expect(audit.map(({ action }) => action)).toEqual(Array(4).fill('conversation.change'));
  });

  test('says since when it is resolved, which is never before its last message', async () => {
    const row = await store();
    await row.add({ body: 'thank you', minutesAgo: 60 });
    const resolved = async (minutesAgo: number) => {
      const at = new Date(Date.now() - minutesAgo * 60_000);
      await change(row.id, { status: 'open' });
      await change(row.id, { status: 'resolved', resolved_at: at.toISOString() });
      const since = (await detailOf(row.id)).resolved_at;
      return Math.round((Date.now() - Date.parse(since ?? '')) / 60_000);
    };
    expect(await resolved(20)).toBe(20);
    expect(await resolved(90)).toBe(60);
  });

  test('upon something that has changed meanwhile is refused, and of two at once one holds', async () => {
    const row = await store();
    const etag = (await clinic.agent.get(`${path}/${row.id}`)).headers.get('etag') ?? '';
    expect(etag).toBe('"1"');
    const both = await Promise.all([
      change(row.id, { status: 'pending' }, { 'if-match': etag }),
      change(row.id, { status: 'resolved' }, { 'if-match': etag }, clinic.owner),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const late = await problemOf(await change(row.id, { labels: ['x'], version: 1 }));
    expect(late).toMatchObject({ status: 409, code: 'conversation_changed' });
    expect(await detailOf(row.id)).toMatchObject({ version: 2, labels: [] });
    expect((await change(row.id, { read: true }, { 'if-match': '"2"' })).headers.get('etag')).toBe('"2"');
    expect((await change(row.id, { labels: [] }, { 'if-match': '"2"' })).headers.get('etag')).toBe('"2"');
  });

  test('what came after the last message that was seen stays unread', async () => {
    const row = await store({ unread: 3 });
    const seen = await row.add({ minutesAgo: 3, body: 'one' });
    await row.add({ minutesAgo: 2, body: 'two' });
    await row.add({ minutesAgo: 2, body: 'ours', direction: 'outbound' });
    await row.add({ minutesAgo: 1, body: 'three' });
    expect(await bodyOf(conversationDetail, await change(row.id, { read: randomUUID() }))).toMatchObject({
      unread: 3,
    });
    expect(await bodyOf(conversationDetail, await change(row.id, { read: seen }))).toMatchObject({
      unread: 2,
    });
    expect(await bodyOf(conversationDetail, await change(row.id, { read: true }))).toMatchObject({
      unread: 0,
    });
  });

  test.each([
    [{}, 'body'],
    [{ status: 'snoozed' }, 'body.snoozed_until'],
    [{ status: 'snoozed', snoozed_until: '2026-01-01T00:00:00Z' }, 'body.snoozed_until'],
    [{ status: 'open', snoozed_until: '2099-01-01T00:00:00Z' }, 'body.snoozed_until'],
    [{ status: 'resolved', resolved_at: '2098-01-01T00:00:00Z' }, 'body.resolved_at'],
    [{ status: 'open', resolved_at: '2026-01-01T00:00:00Z' }, 'body.resolved_at'],
    [{ assignee_id: randomUUID() }, 'body.assignee_id'],
    [{ labels: ['vip', 'Mrs Deshpande'] }, 'body.labels.1'],
    [{ read: true, state: 'open' }, 'body.state'],
  ])('%j is refused, and says where', async (body, location) => {
    const row = await store();
    expect(await problemOf(await change(row.id, body))).toMatchObject({
      status: 422,
      errors: [{ location, fix: expect.stringMatching(/./) }],
    });
  });

  test('nobody is given a conversation who may not answer', async () => {
    const row = await store();
    const of = async (condition: string) => {
      const [user] = await clinic.run<{ id: string }>(
        `SELECT id FROM users WHERE tenant_id <> $1 OR ${condition}`,
      );
      return user?.id;
    };
    for (const condition of [`role = 'analyst'`, 'false'])
      expect((await change(row.id, { assignee_id: await of(condition) })).status).toBe(422);
  });
});

describe('the live stream', () => {
  test('tells at once what changes, by ids alone, to who may see the inbox, and to no other clinic', async () => {
    const row = await store({ unread: 1 });
    const [agent, analyst] = await Promise.all([listen(clinic.agent), listen(clinic.analyst)]);
    const key = { 'x-api-key': await clinic.addKey(clinic.tenantId, ['analytics:read']) };
    const others = [await listen(clinic.stranger, {}, 1), await listen(clinic.nobody, key, 1)];
    await change(row.id, { assignee_id: agentId, status: 'pending', read: true });
    await clinic.agent.post(`${path}/${row.id}/notes`, { text: `${planted.lastName} called` });
    await agent.until(5);
    await analyst.until(5);
    const told = agent.events.slice(1).map(({ event, id, data }) => [event, id, data]);
    expect(told).toEqual(
      ['assignment', 'state', 'read', 'note'].map((kind) => [
        'conversation',
        undefined,
        { kind, conversation_id: row.id, message_id: null },
      ]),
    );
    for (const { events, until } of others) {
      // What is told each second stands behind what was told before.
      await until(events.length + 2);
      expect(events.filter(({ event }) => event !== 'metrics').map(({ event }) => event)).toEqual([
        'snapshot',
      ]);
    }
  });

  test('a stream that is taken up again, and every stream after a break, is told to read the inbox again', async () => {
    const reread = { event: 'conversation', data: { kind: 'reread' } };
    const resumed = await listen(clinic.agent, { 'last-event-id': '1' });
    expect((await resumed.until(2))[1]).toMatchObject(reread);
    const staying = await listen(clinic.agent);
    await clinic.database.admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'switchboard-api-listener'`,
    );
    expect((await staying.until(2))[1]).toMatchObject(reread);
    const row = await store({ unread: 1 });
    await change(row.id, { read: true });
    expect((await staying.until(3))[2]).toMatchObject({ data: { kind: 'read', conversation_id: row.id } });
  });
});

test('nothing is answered of another clinic’s conversation, and nothing changed in it', async () => {
  const row = await store();
  await row.add({ body: 'ours alone', minutesAgo: 1 });
  const at = `${path}/${row.id}`;
  for (const answer of [
    await clinic.stranger.get(at),
    await clinic.stranger.get(`${at}/messages`),
    await clinic.stranger.get(`${at}/notes`),
    await change(row.id, { status: 'resolved' }, {}, clinic.stranger),
    await clinic.stranger.post(`${at}/messages`, { text: 'hello' }),
    await clinic.stranger.post(`${at}/notes`, { text: 'hello' }),
  ])
    expect(await problemOf(answer)).toMatchObject({ status: 404, code: 'not_found' });
  expect(await list('q=alone', clinic.stranger)).toMatchObject({ conversations: [], counts: { open: 0 } });
  expect(await detailOf(row.id)).toMatchObject({ version: 1, status: 'open' });
});

test('nobody writes from another site’s page, or without logging in', async () => {
  const row = await store();
  const foreign = { origin: 'https://evil.example' };
  for (const answer of [
    await change(row.id, { status: 'resolved' }, foreign),
    await clinic.agent.post(`${path}/${row.id}/messages`, { text: 'hello' }, foreign),
    await clinic.agent.post(`${path}/${row.id}/notes`, { text: 'hello' }, foreign),
    await clinic.agent.post(`${path}/search`, { q: 'hello' }, foreign),
  ])
    expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'foreign_origin' });
  expect((await clinic.nobody.get(path)).status).toBe(401);
  expect((await change(row.id, { read: true }, {}, clinic.nobody)).status).toBe(401);
});
