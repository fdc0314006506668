import { randomUUID } from 'node:crypto';
import { uuidV5 } from '@switchboard/domain/ids';
import { createLogger } from '@switchboard/platform';
import { withTenant } from '@switchboard/postgres';
import { readThread } from '@switchboard/postgres/api/conversation-thread';
import { settleSend } from '@switchboard/postgres/messaging/settle-sends';
import { recountConversations } from '@switchboard/postgres/recount/conversations';
import { recountMessages } from '@switchboard/postgres/recount/messages';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import type { MessageEnriched, MessageReceived } from '@switchboard/schemas';
import { createRandom } from '@switchboard/testkit/simulate/random';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { openRecordStand, type RecordStand } from '../records/testing/record-stand.ts';
import { keepUp } from '../upkeep.ts';
import { type MessageFindings, type MessageParts, messageEvent } from './testing/message-events.ts';
import { writeMessagingEvents } from './write-messaging-events.ts';

const start = Date.parse('2026-11-20T05:00:00Z');
const minute = 60_000;
const phone = '+919812345678';
let stand: RecordStand;
let tenant: TenantSettings;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});
afterAll(() => stand.close());
beforeEach(async () => {
  tenant = await stand.newTenant();
});

/** An event of the clinic's, at a minute after the start. */
const event = (at: number, parts: MessageParts, analysis: MessageFindings | null = null) =>
  messageEvent(tenant.tenantId, start + at * minute, parts, analysis);
const status = (at: number, message_id: string, word: string, more: Partial<MessageReceived> = {}) =>
  event(at, { message_id, event_type: 'message.status', direction: 'outbound', status: word, ...more });

const write = (...events: MessageEnriched[]) =>
  writeMessagingEvents(
    stand.options,
    tenant,
    events.map((one) => ({ event: one, traceparent: null })),
  );

const conversations = () =>
  stand.rows(
    `SELECT state, unread, reopened, contact_phone, contact_name, clinic_phone, opted_out_at, last_inbound_at, last_message_at,
       resolved_at, language, intent, sentiment, (SELECT external_id FROM patients p WHERE p.tenant_id = $1 AND p.id = c.patient_id) AS patient
     FROM conversations c WHERE tenant_id = $1 ORDER BY began_at`,
    tenant,
  );
const messages = () =>
  stand.rows(
    `SELECT m.external_id AS sid, m.direction, m.kind, m.body, m.status, m.status_at, m.error_code, m.sent_at, m.edited_at, m.extra - 'edit' AS extra, m.redactions, m.intent, m.extractor_version,
       q.external_id AS quoted, (SELECT count(*)::int FROM message_media x WHERE x.tenant_id = $1 AND x.message_id = m.id) AS media
     FROM conversation_messages m LEFT JOIN conversation_messages q ON q.tenant_id = $1 AND q.id = m.quoted_message_id
     WHERE m.tenant_id = $1 AND NOT m.entered_in_error ORDER BY m.external_id`,
    tenant,
  );
/** A message of ours to the only conversation, whose id at Twilio is not known. */
async function queue(state: 'sending' | 'unknown'): Promise<string> {
  const id = randomUUID();
  await stand.database.admin.query(
    `WITH k AS (SELECT id FROM conversations WHERE tenant_id = $1), m AS (
       INSERT INTO conversation_messages (tenant_id, id, conversation_id, direction, sender_kind, body, status, status_at, sent_at, source)
       SELECT $1, $2, id, 'outbound', 'user', 'At four', 'queued', $4, $4, 'switchboard' FROM k)
     INSERT INTO message_sends (tenant_id, message_id, conversation_id, state, sending_since)
     SELECT $1, $2, id, $3, CASE $3 WHEN 'sending' THEN now() END FROM k`,
    [tenant.tenantId, id, state, new Date(start + minute)],
  );
  return id;
}
const sends = () => stand.rows('SELECT state FROM message_sends WHERE tenant_id = $1', tenant);
/** The facts are what the rows say, by the loaders and by a recount that shares nothing with them. */
async function isStated() {
  expect(await stand.restate(tenant)).toBe(0);
  const counted = await withTenant(stand.options.pool, tenant.tenantId, async (client) => [
    await recountMessages(client, tenant.tenantId, 'Asia/Kolkata'),
    await recountConversations(client, tenant.tenantId, 'Asia/Kolkata'),
  ]);
  expect(counted.flatMap(({ differences }) => differences)).toEqual([]);
}

describe('a message in', () => {
  it('opens a conversation with the contact, counts as unread, and keeps what was found in it', async () => {
    await write(
      event(
        1,
        { message_id: 'SM1', body: 'Can I come tomorrow?', profile_name: 'Asha' },
        {
          intent: 'book_appointment',
          sentiment: 'positive',
        },
      ),
      event(2, { message_id: 'SM2', body: 'ok' }, { intent: 'other', sentiment: null }),
    );
    expect(await conversations()).toMatchObject([
      {
        state: 'open',
        unread: 2,
        contact_phone: phone,
        contact_name: 'Asha',
        clinic_phone: '+912240001234',
        last_inbound_at: new Date(start + 2 * minute),
        language: 'en',
        intent: 'book_appointment',
        sentiment: 'positive',
      },
    ]);
    expect(await messages()).toMatchObject([{ sid: 'SM1', status: 'received' }, { sid: 'SM2' }]);
    await isStated();
  });

  it('counts once, however often it comes', async () => {
    const one = event(1, { message_id: 'SM1', body: 'Hello' });
    await write(one, one);
    expect(await write(one)).toEqual([]);
    expect(await conversations()).toMatchObject([{ unread: 1 }]);
    expect(await messages()).toHaveLength(1);
  });

  it('is the patient’s whose number it is for certain, never by the name of a profile', async () => {
    await stand.database.admin.query(
      `INSERT INTO patients (tenant_id, id, first_name, origin, external_id, source) VALUES ($1, $2, 'Asha', 'desk', 'P-1', 'emr')`,
      [tenant.tenantId, randomUUID()],
    );
    await write(event(1, { message_id: 'SM1', body: 'Hello', profile_name: 'Asha' }));
    expect(await conversations()).toMatchObject([{ patient: null }]);
    await stand.database.admin.query(
      `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) SELECT $1, id, 'phone', $2 FROM patients WHERE tenant_id = $1`,
      [tenant.tenantId, phone],
    );
    await write(event(2, { message_id: 'SM2', body: 'Hello again' }));
    expect(await conversations()).toMatchObject([{ patient: 'P-1' }]);
    await isStated();
  });

  it('within the clinic’s days opens the last conversation again, later begins another', async () => {
    await write(event(1, { message_id: 'SM1', body: 'Hello' }));
    const resolve = (at: number) =>
      stand.database.admin.query(
        `UPDATE conversations SET state = 'resolved', resolved_at = $2, unread = 0 WHERE tenant_id = $1`,
        [tenant.tenantId, new Date(start + at * minute)],
      );
    await resolve(5);
    await write(event(60, { message_id: 'SM2', body: 'One more thing' }));
    expect(await conversations()).toMatchObject([{ state: 'open', reopened: 1 }]);
    await resolve(65);
    await write(event(65 + 8 * 24 * 60, { message_id: 'SM3', body: 'Hello' }));
    expect(await conversations()).toMatchObject([{ state: 'resolved' }, { state: 'open', reopened: 0 }]);
  });

  it('that answers a template of long after the conversation was resolved belongs to it', async () => {
    const day = 24 * 60;
    await write(event(1, { message_id: 'SM1', body: 'Hello' }));
    await stand.database.admin.query(
      `UPDATE conversations SET state = 'resolved', resolved_at = $2, last_message_at = $3 WHERE tenant_id = $1`,
      [tenant.tenantId, new Date(start + 5 * minute), new Date(start + 30 * day * minute)],
    );
    await write(event(30 * day + 1, { message_id: 'SM2', body: 'Yes' }));
    expect(await conversations()).toMatchObject([{ state: 'open', reopened: 1 }]);
    await isStated();
  });

  it.each([
    ['STOP', null, true],
    ['stop!', null, true],
    ['बंद करो', null, true],
    ['please stop calling my mother', null, false],
    ['anything', '{"/OptOutType":"STOP"}', true],
  ])('%j %s opts out: %s, until an opt-in', async (body, extra, isOut) => {
    await write(event(1, { message_id: 'SM1', body, extra }));
    expect((await conversations()).map(({ opted_out_at: at }) => at !== null)).toEqual([isOut]);
    expect(
      await stand.rows(
        `SELECT statement -> 'opt_out' AS out FROM fact_current WHERE tenant_id = $1 AND kind = 'message'`,
        tenant,
      ),
    ).toEqual([{ out: Number(isOut) }]);
    await isStated();
    await write(event(2, { message_id: 'SM2', body: 'Start' }));
    expect(await conversations()).toMatchObject([{ opted_out_at: null }]);
  });
});

describe('a message out', () => {
  it('gets as far as its callbacks say, whatever their order', async () => {
    await write(event(0, { message_id: 'SM0', body: 'Hello' }));
    const [conversation] = await stand.rows('SELECT id FROM conversations WHERE tenant_id = $1', tenant);
    const id = randomUUID();
    await stand.database.admin.query(
      `INSERT INTO conversation_messages (tenant_id, id, conversation_id, direction, sender_kind, body, status, status_at, sent_at, source)
       VALUES ($1, $2, $3, 'outbound', 'user', 'At four', 'queued', $4, $4, 'switchboard')`,
      [tenant.tenantId, id, conversation?.id, new Date(start + minute)],
    );
    await write(
      status(4, 'SM9', 'read', { send_id: id }),
      status(3, 'SM9', 'delivered', { send_id: id }),
      status(2, 'SM9', 'sent', { send_id: id }),
    );
    expect((await messages()).at(-1)).toMatchObject({
      sid: 'SM9',
      status: 'read',
      status_at: new Date(start + 4 * minute),
    });
    await write(status(5, 'SM9', 'undelivered', { error_code: '63016' }));
    await write(status(6, 'SM9', 'queued'));
    expect((await messages()).at(-1)).toMatchObject({ status: 'undelivered', error_code: '63016' });
    await isStated();
  });
});

describe('what is told of a message', () => {
  it('is masked anew by an edit, since it says other things in other places', async () => {
    await write(
      event(
        1,
        { message_id: 'SM1', body: 'Ravi here' },
        { redactions: [{ turn: 0, start: 0, end: 4, kind: 'name' }] },
      ),
      event(
        2,
        { message_id: 'SM2', event_type: 'message.edited', target_message_id: 'SM1', body: 'It is Ravi Rao' },
        { intent: 'complaint', redactions: [{ turn: 0, start: 6, end: 14, kind: 'name' }] },
      ),
    );
    expect(await messages()).toMatchObject([
      { body: 'It is Ravi Rao', redactions: [{ start: 6, end: 14, kind: 'name' }], intent: 'complaint' },
    ]);
    expect(await conversations()).toMatchObject([{ intent: 'complaint' }]);
    await isStated();
  });

  it('of a place is an address as a whole, and a text nobody looked through stays masked', async () => {
    const location = { latitude: 19.1, longitude: 72.8, label: 'Home', address: '4 Hill Road' };
    await write(
      event(1, { message_id: 'SM1', kind: 'location', location }),
      event(2, {
        message_id: 'SM2',
        kind: 'location',
        location: { ...location, label: null, address: null },
      }),
      event(3, { message_id: 'SM3', body: 'Not analysed' }),
      event(4, { message_id: 'SM4', kind: 'button', button_text: 'Confirm', button_payload: 'yes' }, {}),
    );
    expect(await messages()).toMatchObject([
      { body: 'Home, 4 Hill Road', redactions: [{ start: 0, end: 17, kind: 'address' }] },
      { body: '19.1, 72.8', extractor_version: 'rules-1' },
      { extractor_version: null },
      { body: 'Confirm', extractor_version: 'rules-1' },
    ]);
  });

  it('under an id that we learn late is not lost, nor are the answers to it', async () => {
    await write(event(0, { message_id: 'SM0', body: 'Hello' }));
    const id = await queue('unknown');
    await write(
      status(4, 'SM9', 'delivered'),
      event(5, { message_id: 'SM10', body: 'Fine', quoted_message_id: 'SM9' }),
      status(2, 'SM9', 'sent', { send_id: id }),
    );
    expect((await messages()).filter(({ sid }) => sid !== 'SM0')).toMatchObject([
      { sid: 'SM10', quoted: 'SM9' },
      { sid: 'SM9', status: 'delivered', status_at: new Date(start + 4 * minute) },
    ]);
    expect(await sends()).toEqual([{ state: 'sent' }]);
    await isStated();
  });

  it('failed since its patient had written STOP to Twilio: nothing more goes to them', async () => {
    await write(event(0, { message_id: 'SM0', body: 'Hello' }));
    const id = await queue('sending');
    await write(status(2, 'SM9', 'failed', { send_id: id, error_code: '21610' }));
    expect((await conversations())[0]?.opted_out_at).not.toBeNull();
  });

  it('is the one that we sent, once a callback says so, though a listing has brought it as another', async () => {
    await write(event(0, { message_id: 'SM0', body: 'Hello' }));
    const id = await queue('unknown');
    await write(event(1, { message_id: 'SM9', direction: 'outbound', body: 'At four', status: 'sent' }));
    await write(event(5, { message_id: 'SM10', body: 'Fine', quoted_message_id: 'SM9' }));
    await write(status(6, 'SM9', 'read', { send_id: id }));
    expect((await messages()).filter(({ sid }) => sid !== 'SM0')).toMatchObject([
      { sid: 'SM10', quoted: 'SM9' },
      { sid: 'SM9', status: 'read' },
    ]);
    expect(await sends()).toEqual([{ state: 'sent' }]);
    await isStated();
  });

  it.each([
    ['a listing brought it as another message', true],
    ['nothing but a callback came', false],
  ])('before the sender learns the id, when %s, is there once it does', async (_, isListed) => {
    await write(event(0, { message_id: 'SM0', body: 'Hello' }));
    const id = await queue('sending');
    const listed = { message_id: 'SM9', direction: 'outbound', body: 'At four', status: 'sent' };
    if (isListed) await write(event(1, listed));
    await write(
      status(4, 'SM9', 'delivered'),
      event(5, { message_id: 'SM10', body: 'Fine', quoted_message_id: 'SM9' }),
    );
    const { pool, pseudonymKey } = stand.options;
    await withTenant(pool, tenant.tenantId, (client) =>
      settleSend(
        client,
        pseudonymKey,
        { tenantId: tenant.tenantId, messageId: id, attempt: 0 },
        { state: 'sent', sid: 'SM9', status: 'queued', errorCode: null },
      ),
    );
    expect((await messages()).filter(({ sid }) => sid !== 'SM0')).toMatchObject([
      { sid: 'SM10', quoted: 'SM9' },
      { sid: 'SM9', status: 'delivered' },
    ]);
    await isStated();
  });
});

it('a reaction is shown on its message, in whatever order they come, until it is taken back', async () => {
  const shown = async () => {
    const [conversation] = await stand.rows('SELECT id FROM conversations WHERE tenant_id = $1', tenant);
    const page = { toward: 'older', limit: 10 } as const;
    const thread = await readThread(stand.database.admin, tenant.tenantId, String(conversation?.id), page);
    return thread.map(({ body, reactions }) => [body, reactions.map(({ emoji }) => emoji)]);
  };
  const react = (at: number, message_id: string, reaction: string) =>
    event(at, { message_id, kind: 'reaction', reaction, target_message_id: 'SM1' });
  await write(react(2, 'SM2', '👍'));
  expect(await shown()).toEqual([]);
  await write(event(1, { message_id: 'SM1', body: 'At four' }));
  expect(await shown()).toEqual([['At four', ['👍']]]);
  await write(react(4, 'SM4', ''));
  await write(react(3, 'SM3', '🙏'));
  expect(await shown()).toEqual([['At four', []]]);
  expect(await conversations()).toMatchObject([{ unread: 1 }]);
});

describe('a reaction', () => {
  const facts = () =>
    stand.rows(
      `SELECT statement -> 'waiting' AS waiting, statement -> 'sla_base' AS asked, statement -> 'reopened' AS reopened
       FROM fact_current WHERE tenant_id = $1 AND kind = 'conversation' AND basis = 'created'`,
      tenant,
    );
  const thanks = (at: number, target_message_id: string) =>
    event(at, { message_id: `RE${at}`, kind: 'reaction', reaction: '👍', target_message_id });

  it('to an answer waits for none', async () => {
    await write(event(0, { message_id: 'SM0', body: 'Can I come?' }));
    const id = await queue('sending');
    await write(status(2, 'SM1', 'sent', { send_id: id }), thanks(3, 'SM1'));
    expect(await facts()).toEqual([{ waiting: 0, asked: 1, reopened: 0 }]);
    await isStated();
  });

  it('to what the clinic wrote first asks for no first answer', async () => {
    await write(
      event(1, { message_id: 'SM1', direction: 'outbound', body: 'See you at four', status: 'sent' }),
      thanks(2, 'SM1'),
    );
    expect(await facts()).toEqual([{ waiting: 0, asked: 0, reopened: 0 }]);
    expect(await conversations()).toMatchObject([{ state: 'pending', unread: 0 }]);
    await isStated();
  });

  it('opens nothing that was resolved, and however late stands at its message', async () => {
    await write(event(1, { message_id: 'SM1', body: 'Thank you' }));
    await stand.database.admin.query(
      `UPDATE conversations SET state = 'resolved', resolved_at = $2 WHERE tenant_id = $1`,
      [tenant.tenantId, new Date(start + 5 * minute)],
    );
    await write(thanks(60 * 24 * 60, 'SM1'));
    expect(await conversations()).toMatchObject([{ state: 'resolved', reopened: 0 }]);
    expect(await messages()).toMatchObject([{ kind: 'reaction', quoted: 'SM1' }, { sid: 'SM1' }]);
    await isStated();
  });

  it('before the text that it follows keeps nothing closed', async () => {
    await write(thanks(2, 'SM1'), event(1, { message_id: 'SM1', body: 'Hello' }));
    expect(await conversations()).toMatchObject([{ state: 'open', unread: 1, reopened: 0 }]);
    expect(await facts()).toEqual([{ waiting: 1, asked: 1, reopened: 0 }]);
    await isStated();
  });
});

it('whose number several patients have is asked of a person', async () => {
  for (const name of ['Asha', 'Ravi'])
    await stand.database.admin.query(
      `WITH p AS (INSERT INTO patients (tenant_id, id, first_name, origin, source) VALUES ($1, $2, $3, 'desk', 'emr') RETURNING id)
       INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) SELECT $1, id, 'phone', $4 FROM p`,
      [tenant.tenantId, randomUUID(), name, phone],
    );
  const proposed = () =>
    stand.rows(
      `SELECT r.entity_kind, (SELECT array_agg(p.first_name ORDER BY c.place)
         FROM jsonb_array_elements(r.candidates) WITH ORDINALITY c (one, place)
         JOIN patients p ON p.tenant_id = $1 AND p.id::text = c.one ->> 'patient_id') AS names
       FROM match_reviews r WHERE r.tenant_id = $1 AND r.state = 'open'`,
      tenant,
    );
  // The name says who is proposed first, and decides nothing.
  for (const [at, name, other] of [
    [1, 'Asha', 'Ravi'],
    [2, 'Ravi', 'Asha'],
  ] as const) {
    await write(event(at, { message_id: `SM${at}`, body: 'Hello', profile_name: name }));
    expect(await conversations()).toMatchObject([{ patient: null }]);
    expect(await proposed()).toEqual([{ entity_kind: 'conversation', names: [name, other] }]);
  }
});

it('what was told of messages that never came is kept for a time', async () => {
  await write(status(1, 'SM1', 'sent'), status(1, 'SM2', 'sent'));
  await stand.database.admin.query(
    `UPDATE told_messages SET created_at = now() - interval '31 days' WHERE tenant_id = $1 AND external_id = 'SM1'`,
    [tenant.tenantId],
  );
  const logger = createLogger({ service: 'test', level: 'silent' });
  await keepUp({ ...stand.options, logger, inboxDays: 30 }, new AbortController().signal);
  expect(await stand.rows('SELECT external_id FROM told_messages WHERE tenant_id = $1', tenant)).toEqual([
    { external_id: 'SM2' },
  ]);
});

it('what came in is read anew by other rules', async () => {
  const first = event(1, { message_id: 'SM1', body: 'Can I come?' }, { intent: 'other' });
  const anew = event(1, { message_id: 'SM1', body: 'Can I come?' }, { intent: 'book_appointment' });
  await write(first, {
    ...anew,
    event_id: uuidV5(anew.event.event_id, 'rules-2'),
    extractor_version: 'rules-2',
  });
  expect(await messages()).toMatchObject([{ intent: 'book_appointment', extractor_version: 'rules-2' }]);
  expect(await conversations()).toMatchObject([{ intent: 'book_appointment', unread: 1 }]);
  await isStated();
});

it('who opted out is opted out in a later conversation too', async () => {
  await write(event(1, { message_id: 'SM1', body: 'STOP' }));
  await stand.database.admin.query(
    `UPDATE conversations SET state = 'resolved', resolved_at = $2 WHERE tenant_id = $1`,
    [tenant.tenantId, new Date(start + 5 * minute)],
  );
  await write(event(60 * 24 * 60, { message_id: 'SM2', body: 'Hello' }));
  const since = { opted_out_at: new Date(start + minute) };
  expect(await conversations()).toMatchObject([since, since]);
  // The message that asked for it is deleted with its time; what it asked for holds.
  await stand.database.admin.query(
    `DELETE FROM conversation_messages WHERE tenant_id = $1 AND external_id = 'SM1'`,
    [tenant.tenantId],
  );
  await stand.database.admin.query(
    `UPDATE conversations SET state = 'resolved', resolved_at = last_message_at WHERE tenant_id = $1`,
    [tenant.tenantId],
  );
  await write(event(120 * 24 * 60, { message_id: 'SM3', body: 'Hello?' }));
  expect(await conversations()).toMatchObject([since, since, since]);
  await write(event(120 * 24 * 60 + 1, { message_id: 'SM4', body: 'START' }));
  const none = { opted_out_at: null };
  expect(await conversations()).toMatchObject([none, none, none]);
});

describe.each(['the message', 'an edit'])('whoever edits a text to STOP, when %s comes first,', (first) => {
  it('is written to no more until START, however the text is edited after', async () => {
    const text = event(1, { message_id: 'SM1', body: 'Stop it' });
    const edit = (at: number, id: string, body: string) =>
      event(at, {
        message_id: id,
        target_message_id: 'SM1',
        event_type: 'message.edited',
        kind: 'edit',
        body,
      });
    const edits = [edit(4, 'SM3', 'Sorry'), edit(3, 'SM2', 'STOP')];
    await write(...(first === 'an edit' ? [...edits, text] : [text, ...edits]));
    expect(await messages()).toMatchObject([{ sid: 'SM1', body: 'Sorry' }]);
    expect((await conversations())[0]?.opted_out_at).not.toBeNull();
    await write(event(5, { message_id: 'SM4', body: 'START' }));
    expect(await conversations()).toMatchObject([{ opted_out_at: null }]);
    await write(edit(2, 'SM5', 'Unsubscribe'));
    expect(await conversations()).toMatchObject([{ opted_out_at: null }]);
    await isStated();
  });
});

it('a message that comes late waits in the newer conversation, and opens no older one beside it', async () => {
  await write(event(1, { message_id: 'SM1', body: 'Hello' }));
  await stand.database.admin.query(
    `UPDATE conversations SET state = 'resolved', resolved_at = $2 WHERE tenant_id = $1`,
    [tenant.tenantId, new Date(start + 5 * minute)],
  );
  await stand.restate(tenant);
  await write(
    event(60 * 24 * 60, { message_id: 'SM3', body: 'Hello again' }),
    event(10, { message_id: 'SM2', body: 'And one more thing' }),
  );
  expect(await conversations()).toMatchObject([
    { state: 'resolved', reopened: 0, unread: 1 },
    { state: 'open', reopened: 0, unread: 2 },
  ]);
  await isStated();
});

it('an address that is no number has one conversation, opened again however late', async () => {
  const unnumbered = (at: number, message_id: string) => ({
    ...event(at, { message_id, body: 'Hello' }),
    contact_phone: null,
  });
  await write(unnumbered(1, 'SM1'));
  await stand.database.admin.query(
    `UPDATE conversations SET state = 'resolved', resolved_at = $2 WHERE tenant_id = $1`,
    [tenant.tenantId, new Date(start + 5 * minute)],
  );
  await write(unnumbered(60 * 24 * 60, 'SM2'));
  expect(await conversations()).toMatchObject([{ state: 'open', reopened: 1, unread: 2 }]);
});

it('any order and repetition of a contact’s events ends in the same rows, and in their facts', async () => {
  const told = () => [
    event(
      1,
      { message_id: 'SM01', body: 'Can I come tomorrow?', profile_name: 'Asha' },
      { intent: 'book_appointment' },
    ),
    event(
      2,
      { message_id: 'SM02', body: 'STOP', profile_name: 'Asha S' },
      { intent: 'other', sentiment: 'negative' },
    ),
    event(3, { message_id: 'SM03', body: 'START' }, { intent: 'other' }),
    event(4, {
      message_id: 'SM04',
      direction: 'outbound',
      body: 'Yes, at four',
      status: 'sent',
      template: 'visit',
    }),
    status(5, 'SM04', 'delivered'),
    status(6, 'SM04', 'read'),
    status(5, 'SM04', 'sent'),
    event(7, { message_id: 'SM05', kind: 'reaction', reaction: '👍', target_message_id: 'SM04' }),
    event(8, { message_id: 'SM05b', kind: 'reaction', reaction: '', target_message_id: 'SM04' }),
    event(8, { message_id: 'SM06', body: 'Thank you', quoted_message_id: 'SM04' }, { sentiment: 'positive' }),
    event(9, {
      message_id: 'SM07',
      event_type: 'message.edited',
      target_message_id: 'SM06',
      body: 'Thank you!',
    }),
    event(
      8.5,
      { message_id: 'SM07b', event_type: 'message.edited', target_message_id: 'SM06', body: 'Thanks Ravi' },
      { intent: 'complaint', redactions: [{ turn: 0, start: 7, end: 11, kind: 'name' }] },
    ),
    event(9.5, { message_id: 'SM09', direction: 'outbound', body: 'Sent elsewhere', status: 'delivered' }),
    status(9.2, 'SM09', 'sent'),
    status(9.9, 'SM09', 'undelivered', { error_code: '63016' }),
    event(10, {
      message_id: 'SM08',
      kind: 'media',
      media: [
        {
          index: 0,
          url: 'https://media.example/1',
          content_type: 'image/jpeg',
          file_name: null,
          size_bytes: null,
        },
      ],
    }),
  ];
  const random = createRandom(5);
  const ends = [];
  for (let round = 0; round < 6; round += 1) {
    tenant = await stand.newTenant();
    const all = told();
    const events = round === 0 ? all : random.shuffle([...all, ...all.filter(() => random.chance(0.3))]);
    for (let at = 0; at < events.length; ) {
      const size = random.between(1, 4);
      await write(...events.slice(at, at + size));
      at += size;
    }
    await isStated();
    expect(await stand.rows('SELECT 1 FROM told_messages WHERE tenant_id = $1', tenant)).toEqual([]);
    ends.push({ conversations: await conversations(), messages: await messages() });
  }
  expect(ends[0]?.messages).toHaveLength(9);
  expect(ends[0]?.messages.find(({ sid }) => sid === 'SM06')).toMatchObject({
    body: 'Thank you!',
    quoted: 'SM04',
    redactions: [],
  });
  expect(ends[0]?.messages.at(-1)).toMatchObject({ sid: 'SM09', status: 'undelivered', error_code: '63016' });
  expect(ends[0]?.conversations).toMatchObject([{ contact_name: 'Asha S', opted_out_at: null }]);
  for (const end of ends) expect(end).toEqual(ends[0]);
});
