import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { z } from 'zod';
import { conversationDetail } from '../conversations/conversation-schema.ts';
import { message, note, noteList, thread } from '../conversations/message-schema.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';
import {
  addTwilioAccount,
  planted,
  type StoredConversation,
  storeConversation,
} from '../testing/store-conversation.ts';

const path = '/api/v1/conversations';
let clinic: ApiClinic;
let agentId: string;

beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'));
  await addTwilioAccount(clinic.database, clinic.tenantId, '+912240001234');
  const [agent] = await clinic.run<{ id: string }>(
    `SELECT id FROM users WHERE tenant_id = $1 AND role = 'agent'`,
  );
  agentId = agent?.id ?? '';
});
beforeEach(() => clinic.newAudit());
afterAll(() => clinic?.stop());

const store = (given = {}) => storeConversation(clinic.database, clinic.tenantId, given);
const threadOf = async (id: string, query = '', client = clinic.agent) =>
  bodyOf(thread, await client.get(`${path}/${id}/messages?${query}`));
const send = (id: string, body: unknown, key?: string, client = clinic.agent) =>
  client.post(`${path}/${id}/messages`, body, key === undefined ? {} : { 'idempotency-key': key });
const detailOf = async (id: string) => bodyOf(conversationDetail, await clinic.agent.get(`${path}/${id}`));
const sendsOf = (id: string) =>
  clinic.run<{ message_id: string; state: string; template_variables: unknown }>(
    'SELECT message_id, state, template_variables FROM message_sends WHERE tenant_id = $1 AND conversation_id = $2 ORDER BY created_at',
    [id],
  );

describe('a thread', () => {
  let row: StoredConversation;
  const ids: string[] = [];

  beforeAll(async () => {
    row = await store();
    for (let index = 0; index < 9; index += 1)
      ids.push(await row.add({ body: `message ${index}`, minutesAgo: 90 - index * 10 }));
    const [failed, answer] = [ids[7], ids[8]];
    await clinic.run(
      `UPDATE conversation_messages SET direction = 'outbound', sender_kind = 'user', sender_id = $3, status = 'failed',
         error_code = '63016' WHERE tenant_id = $1 AND id = $2`,
      [failed, agentId],
    );
    await clinic.run(
      'UPDATE conversation_messages SET quoted_message_id = $3, edited_at = now() WHERE tenant_id = $1 AND id = $2',
      [answer, ids[0]],
    );
    await row.add({ kind: 'reaction', body: '❤️', quoted: ids[8], minutesAgo: 9 });
    await row.add({ kind: 'reaction', body: '👍', quoted: ids[8], minutesAgo: 8 });
    await row.add({ kind: 'reaction', body: '', quoted: ids[0], minutesAgo: 8 });
    await row.add({ kind: 'reaction', body: '😀', quoted: ids[0], minutesAgo: 9 });
    await clinic.run(
      `WITH file AS (INSERT INTO stored_files (tenant_id, id, state, key_id, sealed_key, content_type, size_bytes, sha256)
         VALUES ($1, gen_random_uuid(), 'stored', 'k', '\\x00', 'audio/ogg', 1234, 'a') RETURNING id)
       INSERT INTO message_media (tenant_id, message_id, position, state, content_type, file_id)
       SELECT $1, $2::uuid, 0, 'stored', 'audio/mpeg', id FROM file UNION ALL SELECT $1, $2, 1, 'pending', NULL, NULL`,
      [ids[8]],
    );
    await clinic.run(
      `INSERT INTO conversation_notes (tenant_id, id, conversation_id, author_id, body, created_at)
       SELECT $1, gen_random_uuid(), $2, $3, 'note ' || n, now() - make_interval(mins => n)
       FROM unnest(ARRAY[100, 55, 1]) n`,
      [row.id, agentId],
    );
  });

  test('is read from its end back to its beginning and forth again, notes between', async () => {
    const numbers = (page: z.infer<typeof thread>) => page.messages.map(({ id }) => ids.indexOf(id));
    const notes = (page: z.infer<typeof thread>) => page.notes.map(({ text }) => text);
    const newest = await threadOf(row.id, 'limit=4');
    expect([numbers(newest), notes(newest), newest.newer_cursor]).toEqual([[5, 6, 7, 8], ['note 1'], null]);
    const middle = await threadOf(row.id, `limit=4&cursor=${newest.older_cursor}`);
    expect([numbers(middle), notes(middle)]).toEqual([[1, 2, 3, 4], ['note 55']]);
    const oldest = await threadOf(row.id, `limit=4&cursor=${middle.older_cursor}`);
    expect([numbers(oldest), notes(oldest), oldest.older_cursor]).toEqual([[0], ['note 100'], null]);
    const forth = await threadOf(row.id, `limit=4&cursor=${oldest.newer_cursor}`);
    expect([numbers(forth), notes(forth)]).toEqual([[1, 2, 3, 4], ['note 55']]);
    const end = await threadOf(row.id, `limit=4&cursor=${forth.newer_cursor}`);
    expect([numbers(end), notes(end), end.newer_cursor]).toEqual([[5, 6, 7, 8], ['note 1'], null]);
    const around = await threadOf(row.id, `limit=3&around=${ids[4]}`);
    expect([numbers(around), notes(around)]).toEqual([[3, 4, 5], ['note 55']]);
    expect(numbers(await threadOf(row.id, `limit=1&around=${ids[4]}`))).toEqual([4]);
    const audit = await clinic.newAudit();
    expect(audit.filter(({ action }) => action === 'conversation.read')).toHaveLength(7);
  });

  test('says of a message why it failed, what it quotes, how it was answered and where its media are', async () => {
    const { messages } = await threadOf(row.id);
    expect(messages).toHaveLength(9);
    expect(messages[7]).toMatchObject({
      sender: { kind: 'user', id: agentId, name: expect.any(String) },
      status: 'failed',
      failure: { code: '63016', reason: expect.stringContaining('Send a template.') },
    });
    expect(messages[8]).toMatchObject({
      text: 'message 8',
      redacted: false,
      edited_at: expect.any(String),
      quoted: { id: ids[0], text: 'message 0' },
      reactions: [{ emoji: '👍', direction: 'inbound' }],
      media: [
        { state: 'stored', content_type: 'audio/ogg', url: `/api/v1/media/${ids[8]}/0` },
        { state: 'pending', url: null },
      ],
      failure: null,
    });
    expect(messages[0]?.reactions).toEqual([]);
  });

  test.each([
    [`around=${randomUUID()}`, 404],
    ['cursor=bm9uZQ', 422],
    ['limit=0', 422],
  ])('asked with %s answers %i', async (query, status) => {
    expect((await clinic.agent.get(`${path}/${row.id}/messages?${query}`)).status).toBe(status);
  });
});

describe('a note', () => {
  test('is for staff, is audited, and no fact is stated of it', async () => {
    const row = await store();
    const facts = async () =>
      (
        await clinic.run('SELECT entity_id FROM fact_current WHERE tenant_id = $1 AND entity_id = $2', [
          row.id,
        ])
      ).length;
    const before = await facts();
    for (const text of ['first\nline', 'second', 'third'])
      expect((await clinic.agent.post(`${path}/${row.id}/notes`, { text })).status).toBe(201);
    const page = await bodyOf(noteList, await clinic.owner.get(`${path}/${row.id}/notes?limit=2`));
    expect(page.notes.map(({ text }) => text)).toEqual(['third', 'second']);
    const rest = await bodyOf(
      noteList,
      await clinic.owner.get(`${path}/${row.id}/notes?cursor=${page.next_cursor}`),
    );
    expect(rest).toMatchObject({
      notes: [{ text: 'first\nline', author: { id: agentId } }],
      next_cursor: null,
    });
    expect(await facts()).toBe(before);
    const [written] = await clinic.newAudit();
    expect(written?.action).toBe('conversation.note');
    expect(written?.text).not.toContain('first');
    const answer = await clinic.agent.post(`${path}/${row.id}/notes`, { text: ' ' });
    expect(await problemOf(answer)).toMatchObject({ status: 422, errors: [{ location: 'body.text' }] });
    note.parse(page.notes[0]);
  });
});

describe('a message that staff write', () => {
  test('is queued with its send and its facts, shown in the thread, and audited without its words', async () => {
    const row = await store({ unread: 1 });
    const asked = await row.add({ body: 'when can I come?', minutesAgo: 30 });
    const answer = await send(row.id, { text: 'Tomorrow\nat nine.', quoted_message_id: asked });
    expect(answer.status).toBe(201);
    const sent = await bodyOf(message, answer);
    expect(sent).toMatchObject({
      direction: 'outbound',
      sender: { kind: 'user', id: agentId },
      text: 'Tomorrow\nat nine.',
      status: 'queued',
      quoted: { id: asked },
      failure: null,
    });
    expect(await sendsOf(row.id)).toMatchObject([{ message_id: sent.id, state: 'queued' }]);
    expect((await threadOf(row.id)).messages.map(({ id }) => id)).toEqual([asked, sent.id]);
    const facts = await clinic.run(
      `SELECT statement FROM fact_current WHERE tenant_id = $1 AND kind = 'message' AND entity_id = $2 AND statement IS NOT NULL`,
      [sent.id],
    );
    expect(facts.length).toBeGreaterThan(0);
    const audit = await clinic.newAudit();
    const [written] = audit.filter(({ action }) => action === 'conversation.send');
    expect(written?.text).toContain(sent.id);
    expect(audit.map(({ text }) => text).join()).not.toContain('nine');
  });

  test('is sent once however often it is clicked, also at the same time', async () => {
    const row = await store();
    await row.add({ body: 'hello', minutesAgo: 1 });
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(row.id, { text: 'once' }, key)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
    const ids = new Set(
      (await Promise.all(answers.map((answer) => bodyOf(message, answer)))).map(({ id }) => id),
    );
    expect(ids.size).toBe(1);
    expect(await sendsOf(row.id)).toHaveLength(1);
    const audit = await clinic.newAudit();
    expect(audit.filter(({ action }) => action === 'conversation.send')).toHaveLength(1);
    expect(await problemOf(await send(row.id, { text: 'another' }, key))).toMatchObject({
      status: 409,
      code: 'idempotency_key_reused',
    });
    // Somebody else's key is another one.
    expect((await send(row.id, { text: 'once' }, key, clinic.owner)).status).toBe(201);
    expect((await send(row.id, { text: 'once' })).status).toBe(201);
    expect(await sendsOf(row.id)).toHaveLength(3);
  });

  test('a refusal uses up no key', async () => {
    const row = await store({ phone: '+919811100033' });
    await row.add({ body: 'long ago', minutesAgo: 60 * 25 });
    const key = randomUUID();
    expect((await send(row.id, { text: 'too late' }, key)).status).toBe(409);
    await row.add({ body: 'now', minutesAgo: 0 });
    expect((await send(row.id, { text: 'too late' }, key)).status).toBe(201);
  });

  test('after 24 hours is refused as text and taken as a template', async () => {
    const row = await store({ phone: '+919811100044' });
    await row.add({ body: 'long ago', minutesAgo: 60 * 24 + 1 });
    expect(await detailOf(row.id)).toMatchObject({
      can_send: { text: false, template: true, reason: 'outside_window' },
      window_ends_at: expect.any(String),
    });
    expect(await problemOf(await send(row.id, { text: 'hello' }))).toMatchObject({
      status: 409,
      code: 'outside_window',
      errors: [{ location: 'body.text', fix: expect.stringContaining('template') }],
    });
    const answer = await send(row.id, { template: 'HX0123', variables: { 1: 'Monday', 2: '9:00' } });
    expect(await bodyOf(message, answer)).toMatchObject({ template: 'HX0123', text: null, status: 'queued' });
    expect(await sendsOf(row.id)).toMatchObject([{ template_variables: { 1: 'Monday', 2: '9:00' } }]);
    const recent = await store();
    await recent.add({ body: 'just inside', minutesAgo: 60 * 24 - 1 });
    expect(await detailOf(recent.id)).toMatchObject({
      can_send: { text: true, template: true, reason: null },
    });
    expect((await send(recent.id, { text: 'hello' })).status).toBe(201);
  });

  test('is free text once the contact has written, in another of its conversations too', async () => {
    const phone = '+919811100022';
    const former = await store({ phone });
    await former.add({ body: 'long ago', minutesAgo: 60 * 24 * 40 });
    expect((await send(former.id, { text: 'hello' })).status).toBe(409);
    const later = await store({ phone });
    await later.add({ body: 'it is me again', minutesAgo: 5 });
    expect(await detailOf(former.id)).toMatchObject({
      can_send: { text: true, template: true, reason: null },
      window_ends_at: (await detailOf(later.id)).window_ends_at,
    });
    expect((await send(former.id, { text: 'hello' })).status).toBe(201);
  });

  test.each([
    ['opted_out', { phone: planted.phone }, 'opted_out_at = now()'],
    ['no_address', { phone: null }, 'unread = 0'],
    ['not_a_chat', { channel: 'voice' }, 'unread = 0'],
    ['whatsapp_only', { channel: 'sms', phone: planted.phone }, 'unread = 0'],
  ])('is refused with %s, and the conversation says so before', async (code, given, set) => {
    const row = await store(given);
    await row.add({ body: 'hello', minutesAgo: 1 });
    await clinic.run(`UPDATE conversations SET ${set} WHERE tenant_id = $1 AND id = $2`, [row.id]);
    expect((await detailOf(row.id)).can_send).toEqual({ text: false, template: false, reason: code });
    for (const body of [{ text: 'hello' }, { template: 'HX0123' }])
      expect(await problemOf(await send(row.id, body))).toMatchObject({
        status: 409,
        code,
        errors: [{ fix: expect.stringMatching(/./) }],
      });
    expect(await sendsOf(row.id)).toEqual([]);
  });

  test('says where the clinic has no account with Twilio, and all else works', async () => {
    const theirs = await storeConversation(clinic.database, clinic.otherTenantId);
    await theirs.add({ body: 'hello', minutesAgo: 1 });
    expect(await problemOf(await send(theirs.id, { text: 'hi' }, undefined, clinic.stranger))).toMatchObject({
      status: 409,
      code: 'twilio_not_configured',
      errors: [{ fix: expect.stringContaining('settings') }],
    });
    const noted = await clinic.stranger.post(`${path}/${theirs.id}/notes`, { text: 'call back' });
    expect(noted.status).toBe(201);
  });

  test.each([
    [{}, 'text'],
    [{ text: '' }, 'text'],
    [{ text: 'x'.repeat(1_601) }, 'text'],
    [{ text: 'bell \u0007' }, 'text'],
    [{ text: 'both', template: 'HX0123' }, 'text'],
    [{ text: 'hello', variables: {} }, 'variables'],
    [{ template: 'HX0123', variables: { 'a b': 'x' } }, 'variables.a b'],
    [{ text: 'hello', quoted_message_id: randomUUID() }, 'quoted_message_id'],
  ])('%j is refused at %s', async (body, location) => {
    const row = await store();
    await row.add({ body: 'hello', minutesAgo: 1 });
    expect(await problemOf(await send(row.id, body))).toMatchObject({
      status: 422,
      errors: [{ location: `body.${location}` }],
    });
    expect(await sendsOf(row.id)).toEqual([]);
  });

  test('a key that cannot be kept is refused', async () => {
    const row = await store();
    const answer = await send(row.id, { text: 'hello' }, 'with space');
    expect(await problemOf(answer)).toMatchObject({
      status: 422,
      errors: [{ location: 'header.idempotency-key' }],
    });
  });
});
