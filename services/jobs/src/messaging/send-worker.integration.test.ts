import { randomBytes } from 'node:crypto';
import { uuidV7 } from '@switchboard/domain/ids';
import { firing } from '@switchboard/monitoring/firing';
import { createSealer } from '@switchboard/platform';
import { createPool, type Pool, withTenant } from '@switchboard/postgres';
import { beginAttempt, claimSends } from '@switchboard/postgres/messaging/sends';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { twilioErrors } from '@switchboard/testkit/twilio/twilio-faults';
import { startTwilio } from '@switchboard/testkit/twilio/twilio-server';
import type { TwilioServer } from '@switchboard/testkit/twilio/twilio-server-types';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import {
  type MessagesClinic,
  makeMessagesClinic,
  startTestSendWorker,
  type TestSendWorker,
} from '../testing/messages-clinic.ts';
import { openTwilio } from './twilio-client.ts';

const account = { accountSid: `AC${'2'.repeat(32)}`, authToken: 'the-token' };
const sealer = createSealer(randomBytes(32));
let database: TestDatabase;
let pool: Pool;
let server: TwilioServer;
let clinic: MessagesClinic;
let conversation: string;
let clinics = 0;
let workers: TestSendWorker[] = [];

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test-jobs', max: 6 });
});
beforeEach(async () => {
  server = await startTwilio({ accounts: [account] });
  clinics += 1;
  clinic = await makeMessagesClinic(database, sealer, {
    ...account,
    number: `+91224000123${clinics % 10}${clinics}`,
  });
  conversation = await clinic.addConversation('+919812345678');
});
afterEach(async () => {
  for (const worker of workers) await worker.stop();
  workers = [];
  await clinic.run(`UPDATE tenants SET status = 'suspended' WHERE id = $1`);
  await server.close();
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const until = (seen: () => unknown) => expect.poll(seen, { timeout: 20_000, interval: 20 });
const states = async () => (await clinic.sent()).map(({ state }) => state);
const texts = () => server.messages.map(({ body }) => body);
function start(options: Parameters<typeof startTestSendWorker>[3] = {}): TestSendWorker {
  const worker = startTestSendWorker(pool, sealer, server.url, options);
  workers.push(worker);
  return worker;
}

it('sends a message once, from the clinic’s number, with a callback that carries its id; its facts follow', async () => {
  const id = await clinic.queue(conversation, 'Your visit is at 4 pm.');
  await clinic.queue(conversation, '', { sid: 'HX1', variables: { 1: 'Asha' } });
  const worker = start();
  await until(states).toEqual(['sent', 'sent']);
  expect(server.messages).toMatchObject([
    {
      to: 'whatsapp:+919812345678',
      from: `whatsapp:${clinic.number}`,
      body: 'Your visit is at 4 pm.',
      statusCallback: `https://clinic.example/${clinic.tenantId}?send=${id}`,
    },
    { contentSid: 'HX1', contentVariables: '{"1":"Asha"}' },
  ]);
  const [first] = await clinic.sent();
  expect(first).toMatchObject({
    status: 'queued',
    source: 'twilio',
    external_id: server.messages[0]?.sid,
    attempts: 1,
  });
  expect(await clinic.factStatus(id)).toBe('queued');
  const metrics = await worker.metrics();
  expect(metrics).toMatch(/switchboard_message_sends_total\{result="sent",service="test"\} 2/);
  for (const planted of ['+919812345678', '4 pm', 'Asha'])
    expect(worker.log.join('') + metrics).not.toContain(planted);
});

it('a file goes by an address for Twilio alone; where none can be told nothing goes out', async () => {
  const file = uuidV7(Date.now());
  await clinic.run(
    `INSERT INTO stored_files (tenant_id, id, state, key_id, sealed_key, content_type, size_bytes, sha256)
     VALUES ($1, $2, 'stored', 'key', '', 'application/pdf', 1, 'hash')`,
    [file],
  );
  const queueFile = async (body: string) => {
    const id = await clinic.queue(conversation, body);
    await clinic.run(
      `INSERT INTO message_media (tenant_id, message_id, position, state, file_id) VALUES ($1, $2, 0, 'stored', $3)`,
      [id, file],
    );
    return id;
  };
  const [withText, alone] = [await queueFile('Your form.'), await queueFile('')];
  const worker = start();
  await until(states).toEqual(['sent', 'sent']);
  expect(server.messages).toMatchObject([
    { body: 'Your form.', mediaUrls: [`https://api.example/${withText}/0`] },
    { body: '', mediaUrls: [`https://api.example/${alone}/0`] },
  ]);
  await worker.stop();
  await queueFile('Another');
  start({ mediaUrl: () => undefined });
  await until(states).toEqual(['sent', 'sent', 'failed']);
  expect((await clinic.sent())[2]).toMatchObject({ status: 'failed', error_code: 'files_not_reachable' });
  expect(server.messages).toHaveLength(2);
});

it('a callback that was there before the answer stays: a status never goes back', async () => {
  const id = await clinic.queue(conversation, 'Hello');
  const told = Promise.withResolvers<void>();
  start({
    onStep: async (step) => {
      if (step === 'message-asked') await told.promise;
    },
  });
  await until(() => server.messages.length).toBe(1);
  await clinic.run(
    `UPDATE conversation_messages SET status = 'delivered', source = 'twilio', external_id = $3 WHERE tenant_id = $1 AND id = $2`,
    [id, server.messages[0]?.sid],
  );
  expect(await states()).toEqual(['sending']);
  told.resolve();
  await until(states).toEqual(['sent']);
  expect((await clinic.sent())[0]).toMatchObject({
    status: 'delivered',
    external_id: server.messages[0]?.sid,
  });
});

it('messages of a conversation go out one after the other in their order, those of others meanwhile', async () => {
  const other = await clinic.addConversation('+919812345679');
  for (const body of ['1', '2', '3']) await clinic.queue(conversation, body);
  await clinic.queue(other, 'other');
  server.faults(({ body, attempt }) =>
    body === '1' && attempt < 3 ? { ...twilioErrors.tooMany, retryAfter: '0' } : undefined,
  );
  start({ pauses: { attempts: [300, 300, 300], looks: [], unanswered: 20 } });
  await until(states).toEqual(['sent', 'sent', 'sent', 'sent']);
  expect(texts()).toEqual(['other', '1', '2', '3']);
  expect(server.requests).toHaveLength(6);
});

it('what Twilio refuses for good is failed with its code and not tried again', async () => {
  const refusals = { window: twilioErrors.outsideWindow, stop: twilioErrors.optedOut };
  server.faults(({ body }) => Object.entries(refusals).find(([key]) => key === body)?.[1]);
  const ids = [await clinic.queue(conversation, 'window'), await clinic.queue(conversation, 'stop')];
  start();
  await until(states).toEqual(['failed', 'failed']);
  expect(await clinic.sent()).toMatchObject([
    { status: 'failed', error_code: '63016' },
    { status: 'failed', error_code: '21610' },
  ]);
  expect(server.requests).toHaveLength(2);
  for (const id of ids) expect(await clinic.factStatus(id)).toBe('failed');
  // Who asked Twilio for no more has asked us.
  await clinic.queue(conversation, 'again');
  await until(states).toEqual(['failed', 'failed', 'failed']);
  expect((await clinic.sent())[2]).toMatchObject({ error_code: 'opted_out' });
  expect(server.requests).toHaveLength(2);
});

it('while Twilio asks for a pause, or can’t be reached, messages wait; after the last attempt they failed', async () => {
  await clinic.queue(conversation, 'busy');
  server.faults(() => ({ ...twilioErrors.tooMany, retryAfter: '0' }));
  start();
  await until(states).toEqual(['failed']);
  expect((await clinic.sent())[0]).toMatchObject({ status: 'failed', error_code: '20429', attempts: 4 });
  expect(server.requests).toHaveLength(4);
  expect(texts()).toEqual([]);
  await clinic.queue(await clinic.addConversation('+919812345670'), 'away');
  const away = start({ twilio: { apiUrl: 'http://127.0.0.1:9', timeoutMs: 1_000 } });
  await until(states).toEqual(['failed', 'failed']);
  await away.stop();
  expect((await clinic.sent())[1]).toMatchObject({
    attempts: 4,
    error_code: expect.stringMatching(/^(not_connected|20429)$/),
  });
});

it.each([
  ['cut', { kind: 'cut', accepted: true }],
  ['no answer in time', { kind: 'silent', accepted: true }],
  ['a broken gateway', { kind: 'broken', status: 502, accepted: true }],
] as const)('accepted, but %s: it is found among Twilio’s messages, and not sent again', async (_, fault) => {
  await clinic.queue(conversation, 'Hello');
  server.faults(() => fault);
  start({ twilio: { apiUrl: server.url, timeoutMs: 300 } });
  await until(states).toEqual(['sent']);
  expect((await clinic.sent())[0]).toMatchObject({ external_id: server.messages[0]?.sid, send_error: null });
  expect(server.requests).toHaveLength(1);
});

it('never accepted, and nobody knows: it is shown as unknown, never sent again by itself, and holds up nothing', async () => {
  const id = await clinic.queue(conversation, 'Hello');
  await clinic.queue(conversation, 'And more');
  server.faults(({ body }) => (body === 'Hello' ? { kind: 'cut', accepted: false } : undefined));
  const worker = start();
  const before = await worker.metrics();
  await until(states).toEqual(['unknown', 'sent']);
  await until(async () => firing('MessagesUnknown', { before, now: await worker.metrics() })).toMatchObject([
    { labels: { result: 'unknown' }, value: 1 },
  ]);
  const later = await worker.metrics();
  expect(firing('MessagesUnknown', { before: later, now: await worker.metrics() })).toEqual([]);
  expect((await clinic.sent())[0]).toMatchObject({ status: 'unknown', external_id: null });
  expect(await clinic.factStatus(id)).toBe('');
  expect(server.requests.map(({ body }) => body)).toEqual(['Hello', 'And more']);
});

it.each([
  ['the connection ends', { kind: 'cut', accepted: false }],
  ['no answer comes', { kind: 'silent', accepted: false }],
  ['a gateway breaks', { kind: 'broken', status: 503, accepted: false }],
] as const)(
  'never accepted, since %s: when Twilio’s list shows later messages and not this one, it is sent again',
  async (_, fault) => {
    await clinic.queue(conversation, 'Hello');
    server.faults(({ attempt }) => (attempt === 1 ? fault : undefined));
    const worker = start({ settledMs: 2_000, twilio: { apiUrl: server.url, timeoutMs: 300 } });
    await until(() => worker.results('unclear')).toBeGreaterThan(3);
    // Long enough ago, and yet the list may be an old one.
    expect(server.requests).toHaveLength(1);
    const { accountSid, number } = clinic;
    await until(async () => {
      await server.receive({ accountSid, from: '+919812300000', to: number, body: 'Hi' });
      return states();
    }).toEqual(['sent']);
    expect(server.requests).toHaveLength(2);
    expect((await clinic.sent())[0]).toMatchObject({ attempts: 2, error_code: null, send_error: null });
  },
);

it('a message to the number of which nobody knows keeps it unknown: it may be this one in other words', async () => {
  await clinic.queue(conversation, 'Hello');
  server.faults(({ body }) => (body === 'Hello' ? { kind: 'cut', accepted: false } : undefined));
  let clock = 0;
  const worker = start({ settledMs: 1_000, now: () => Date.now() + clock });
  await until(() => worker.results('unclear')).toBeGreaterThan(0);
  const twilio = openTwilio({ apiUrl: server.url, timeoutMs: 15_000 }, account.accountSid, account.authToken);
  await twilio.create({
    to: 'whatsapp:+919812345678',
    from: `whatsapp:${clinic.number}`,
    body: 'Hello, you',
  });
  const sid = server.messages[0]?.sid ?? '';
  await server.advance(sid, 'sent', { lost: true });
  // A comparison with Twilio's list has brought it as somebody's.
  await clinic.run(
    `INSERT INTO conversation_messages (tenant_id, id, conversation_id, direction, sender_kind, body, status, sent_at, source, external_id)
     VALUES ($1, gen_random_uuid(), $2, 'outbound', 'user', 'Hello, you', 'sent', now(), 'twilio', $3)`,
    [conversation, sid],
  );
  clock = 600_000;
  const looks = await worker.results('unclear');
  await until(() => worker.results('unclear')).toBeGreaterThan(looks + 2);
  clock = 3_600_000;
  await until(states).toEqual(['unknown']);
  expect(server.requests.map(({ body }) => body)).toEqual(['Hello', 'Hello, you']);
});

/** A process that took a message up and died: before it was marked as asked, before Twilio was, or after it accepted. */
async function die(at: 'claimed' | 'marked' | 'accepted'): Promise<void> {
  const { number } = clinic;
  const { sends } = await withTenant(pool, clinic.tenantId, (client) =>
    claimSends(client, clinic.tenantId, {
      from: number,
      numbers: [number],
      perSecond: 10,
      most: 1,
      leaseMs: 60_000,
    }),
  );
  const [claimed] = sends;
  if (!claimed) throw new Error('nothing to claim');
  if (at === 'claimed') return;
  expect(
    await withTenant(pool, clinic.tenantId, (client) => beginAttempt(client, claimed, account.accountSid)),
  ).toBe(true);
  const twilio = openTwilio({ apiUrl: server.url, timeoutMs: 15_000 }, account.accountSid, account.authToken);
  if (at === 'accepted')
    await twilio.create({
      to: `whatsapp:${claimed.to}`,
      from: `whatsapp:${claimed.from}`,
      body: claimed.body ?? '',
    });
}

/** What was claimed and has not ended is another's from now on. */
const endClaims = () =>
  clinic.run(`UPDATE message_sends SET next_attempt_at = now() WHERE tenant_id = $1 AND state = 'sending'`);

it('an answer that Postgres could not be told of is looked for, and nothing is sent again', async () => {
  await clinic.queue(conversation, 'Hello');
  let failures = 0;
  let isAnswered = false;
  const flaky = new Proxy(pool, {
    get: (target, name) => {
      if (name === 'query') return target.query.bind(target);
      if (name !== 'connect' || !isAnswered || failures > 0) return Reflect.get(target, name, target);
      return async () => {
        failures += 1;
        throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' });
      };
    },
  });
  const worker = startTestSendWorker(flaky, sealer, server.url, {
    onStep: async (step) => {
      if (step === 'message-asked') isAnswered = true;
    },
  });
  workers.push(worker);
  await until(() => failures).toBe(1);
  await endClaims();
  await until(states).toEqual(['sent']);
  expect(failures).toBe(1);
  expect(texts()).toEqual(['Hello']);
  expect((await clinic.sent())[0]).toMatchObject({ attempts: 1, external_id: server.messages[0]?.sid });
});

it('who asks for no more between the claim and the request gets none', async () => {
  await clinic.queue(conversation, 'Hello');
  await die('claimed');
  await clinic.run('UPDATE conversations SET opted_out_at = now() WHERE tenant_id = $1 AND id = $2', [
    conversation,
  ]);
  const claimed = { tenantId: clinic.tenantId, messageId: (await clinic.ids())[0] ?? '', attempt: 1 };
  expect(
    await withTenant(pool, clinic.tenantId, (client) => beginAttempt(client, claimed, account.accountSid)),
  ).toBe(false);
  await endClaims();
  start();
  await until(states).toEqual(['failed']);
  expect((await clinic.sent())[0]).toMatchObject({ error_code: 'opted_out' });
  expect(server.requests).toEqual([]);
});

it('a process that dies after Twilio accepted, and before it wrote that down, leaves a message that is found', async () => {
  await clinic.queue(conversation, 'Hello');
  await clinic.queue(conversation, 'And more');
  await die('accepted');
  expect(await states()).toEqual(['sending', 'queued']);
  await endClaims();
  start();
  await until(states).toEqual(['sent', 'sent']);
  expect(texts()).toEqual(['Hello', 'And more']);
  expect((await clinic.sent())[0]?.external_id).toBe(server.messages[0]?.sid);
});

it.each([
  ['Postgres’s clock is minutes ahead of Twilio’s', `asked_at = asked_at + interval '2 minutes'`],
  ['the clinic has another account by then', `asked_account = 'AC${'9'.repeat(32)}'`],
  ['nobody noted which account was asked', 'asked_account = NULL'],
])('what Twilio accepted is unknown and never sent twice where %s', async (_, change) => {
  await clinic.queue(conversation, 'Hello');
  await die('accepted');
  if (change.startsWith('asked_account')) server.messages.length = 0;
  await clinic.run(`UPDATE message_sends SET ${change} WHERE tenant_id = $1`);
  await endClaims();
  let clock = 600_000;
  const worker = start({ settledMs: 1_000, now: () => Date.now() + clock });
  const { accountSid, number } = clinic;
  const at = new Date(Date.now() + clock);
  await server.receive({ accountSid, from: '+919812300000', to: number, body: 'Hi', at });
  await until(() => worker.results('unclear')).toBeGreaterThan(3);
  clock = 3_600_000;
  await until(states).toEqual(['unknown']);
  expect(server.requests).toHaveLength(1);
});

it('a process that dies just before it asked leaves a message that is unknown; an older one of the same words is not taken for it', async () => {
  await clinic.queue(conversation, 'Yes');
  const first = start();
  await until(states).toEqual(['sent']);
  await first.stop();
  await clinic.queue(conversation, 'Yes');
  await die('marked');
  await endClaims();
  start();
  await until(states).toEqual(['sent', 'unknown']);
  expect(texts()).toEqual(['Yes']);
});

it('what another clinic of the account wrote to the same patient in the same words is not taken for it', async () => {
  await clinic.queue(conversation, 'Yes');
  await die('marked');
  const twilio = openTwilio({ apiUrl: server.url, timeoutMs: 15_000 }, account.accountSid, account.authToken);
  await twilio.create({ to: 'whatsapp:+919812345678', from: 'whatsapp:+912240007777', body: 'Yes' });
  await endClaims();
  start();
  await until(states).toEqual(['unknown']);
  expect((await clinic.sent())[0]).toMatchObject({ external_id: null });
  expect(server.requests).toHaveLength(1);
});

it('a process that dies before it marked a message as asked, or stands still until its claim ran out, has not asked: another sends it, once', async () => {
  await clinic.queue(conversation, 'Hello');
  await die('claimed');
  await endClaims();
  start();
  await until(states).toEqual(['sent']);
  const stale = { tenantId: clinic.tenantId, messageId: (await clinic.ids())[0] ?? '', attempt: 1 };
  expect(
    await withTenant(pool, clinic.tenantId, (client) => beginAttempt(client, stale, account.accountSid)),
  ).toBe(false);
  expect(texts()).toEqual(['Hello']);
});

it('a process that stands still after its mark, until another has sent the message, does not send it, too', async () => {
  const id = await clinic.queue(conversation, 'Hello');
  const thawed = Promise.withResolvers<void>();
  let ahead = 0;
  const frozen = start({
    concurrency: 1,
    now: () => Date.now() + ahead,
    onStep: async (step) => {
      if (step === 'message-marked') await thawed.promise;
    },
  });
  const isAsked = async () =>
    (
      await database.admin.query('SELECT FROM message_sends WHERE message_id = $1 AND asked_at IS NOT NULL', [
        id,
      ])
    ).rowCount;
  await until(isAsked).toBe(1);
  await endClaims();
  start({ settledMs: 1_000 });
  const { accountSid, number } = clinic;
  await until(async () => {
    await server.receive({ accountSid, from: '+919812300000', to: number, body: 'Hi' });
    return states();
  }).toEqual(['sent']);
  ahead = 360_000;
  thawed.resolve();
  await until(() => frozen.results('retried')).toBe(1);
  expect(server.requests).toHaveLength(1);
  expect((await clinic.sent())[0]).toMatchObject({ state: 'sent', attempts: 2 });
});

it('one that stood still after its mark, and nobody looked, sends the message by another attempt', async () => {
  await clinic.queue(conversation, 'Hello');
  let ahead = 0;
  start({
    now: () => Date.now() + ahead,
    onStep: async (step) => {
      if (step === 'message-marked') ahead = 360_000;
    },
  });
  await until(states).toEqual(['sent']);
  expect(server.requests).toHaveLength(1);
  expect((await clinic.sent())[0]).toMatchObject({ attempts: 2, send_error: null });
});

it('of what a callback has told, nobody asks again', async () => {
  const id = await clinic.queue(conversation, 'Hello');
  await die('claimed');
  await clinic.run(
    `UPDATE conversation_messages SET source = 'twilio', external_id = 'SMtold', status = 'delivered' WHERE tenant_id = $1 AND id = $2`,
    [id],
  );
  await clinic.run(
    `UPDATE message_sends SET state = 'queued', sending_since = NULL, next_attempt_at = now() WHERE tenant_id = $1`,
  );
  start({ markMs: 10, twilio: { apiUrl: server.url, timeoutMs: 300 } });
  await until(states).toEqual(['sent']);
  expect(server.requests).toEqual([]);
});

it('answers from the number that the patient wrote to, each at its own rate', async () => {
  const second = `${clinic.number}9`;
  await clinic.run(`INSERT INTO tenant_numbers (tenant_id, number, channel) VALUES ($1, $2, 'whatsapp')`, [
    second,
  ]);
  const gone = await clinic.addConversation('+919812345670');
  const other = await clinic.addConversation('+919812345671');
  const [former, later] = [
    await clinic.addConversation('+919812345672'),
    await clinic.addConversation('+919812345672'),
  ];
  const ask = (id: string, number: string, daysAgo = 0) =>
    clinic.run(
      `UPDATE conversations SET clinic_phone = $3, last_inbound_at = now() - make_interval(days => $4) WHERE tenant_id = $1 AND id = $2`,
      [id, number, daysAgo],
    );
  await ask(other, second);
  await ask(gone, '+912249999999');
  await ask(former, clinic.number, 30);
  await ask(later, second);
  for (const [id, body] of [
    [conversation, 'a'],
    [other, 'b'],
    [gone, 'c'],
    [former, 'd'],
  ] as const)
    await clinic.queue(id, body);
  start();
  await until(states).toEqual(['sent', 'sent', 'sent', 'sent']);
  expect(new Map(server.messages.map(({ body, from }) => [body, from]))).toEqual(
    new Map([
      ['a', `whatsapp:${clinic.number}`],
      ['b', `whatsapp:${second}`],
      ['c', `whatsapp:${clinic.number}`],
      // WhatsApp's 24 hours are over at the number that this conversation was with.
      ['d', `whatsapp:${second}`],
    ]),
  );
});

it('a message that waits while Twilio leaves all requests open is told of, until it goes out', async () => {
  let clock = 0;
  server.faults(({ body }) => (body === 'Hello' ? { kind: 'silent', accepted: false } : undefined));
  await clinic.queue(conversation, 'Hello');
  const twilio = { apiUrl: server.url, timeoutMs: 5_000 };
  const worker = start({ concurrency: 1, twilio, now: () => Date.now() + clock });
  const waiting = async () => firing('MessagesWait', { now: await worker.metrics() });
  await until(() => server.requests.length).toBe(1);
  await clinic.queue(await clinic.addConversation('+919812345679'), 'And you');
  worker.wake();
  expect(await waiting()).toEqual([]);
  clock = 121_000;
  await until(waiting).toMatchObject([{ labels: { service: 'test' } }]);
  clock = 0;
  await until(texts).toEqual(['And you']);
  await until(waiting).toEqual([]);
});

it('never writes to who opted out, though it was queued before', async () => {
  await clinic.queue(conversation, 'Hello');
  await clinic.run('UPDATE conversations SET opted_out_at = now() WHERE tenant_id = $1 AND id = $2', [
    conversation,
  ]);
  start();
  await until(states).toEqual(['failed']);
  expect((await clinic.sent())[0]).toMatchObject({ status: 'failed', error_code: 'opted_out' });
  expect(server.requests).toEqual([]);
});

it('an answer to an SMS leaves from no number of WhatsApp', async () => {
  await clinic.run(`UPDATE conversations SET channel = 'sms' WHERE tenant_id = $1 AND id = $2`, [
    conversation,
  ]);
  await clinic.queue(conversation, 'Hello');
  start();
  await until(states).toEqual(['failed']);
  expect((await clinic.sent())[0]).toMatchObject({ status: 'failed', error_code: 'whatsapp_only' });
  expect(server.requests).toEqual([]);
});

it('without an account it says so', async () => {
  await clinic.run('UPDATE tenants SET twilio_account_sid = NULL WHERE id = $1');
  await clinic.queue(conversation, 'Hello');
  start();
  await until(states).toEqual(['failed']);
  expect((await clinic.sent())[0]).toMatchObject({ error_code: 'twilio_not_configured' });
});

it('two processes side by side send each message once, and keep the number’s rate together', async () => {
  const bodies = Array.from({ length: 24 }, (_, index) => `m${index}`);
  for (const [index, body] of bodies.entries())
    await clinic.queue(await clinic.addConversation(`+9198123460${10 + index}`), body);
  const begun = performance.now();
  start({ perSecond: 20 });
  start({ perSecond: 20 });
  await until(states).toEqual(bodies.map(() => 'sent'));
  const seconds = (performance.now() - begun) / 1_000;
  expect(texts().toSorted()).toEqual(bodies.toSorted());
  // 20 a second, and two that the number had saved.
  expect(seconds).toBeGreaterThan((24 - 2) / 20 - 0.05);
});
