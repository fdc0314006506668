import { createLogger, createSealer } from '@switchboard/platform';
import { createPool, withTenant } from '@switchboard/postgres';
import { createIngestTenantReader } from '@switchboard/postgres/ingest/tenants';
import { twilioAccountOf, twilioTokenOf } from '@switchboard/postgres/messaging/twilio-account';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { senders } from '../settings/numbers-schema.ts';
import { testSecretsKey } from '../testing/api-stack.ts';
import type { TestClient } from '../testing/client.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';

const path = '/api/v1/settings/numbers';
const account = '/api/v1/settings/twilio';
const sid = `AC${'a'.repeat(32)}`;
const token = 'twilio-auth-token-1';
let clinic: ApiClinic;
beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'));
});
afterAll(() => clinic?.stop());

const etagOf = async (client: TestClient) => (await client.get(path)).headers.get('etag') ?? '';
const send = async (method: string, to: string, body?: unknown, client = clinic.owner) =>
  client.send(method, to, body, { 'if-match': await etagOf(client) });
const named = (body: { numbers: { channel: string; number: string; sends: boolean }[] }) =>
  body.numbers.map(({ channel, number, sends }) => `${channel} ${number}${sends ? ' sends' : ''}`);

test('numbers and the account are what ingest and the sender work with, and the token is shown to nobody', async () => {
  await clinic.newAudit();
  const add = (channel: string, number: string, more = {}) =>
    send('POST', path, { channel, number, ...more }, clinic.manager);
  expect(await bodyOf(senders, await clinic.owner.get(path))).toMatchObject({
    numbers: [],
    twilio: { account_sid: null, auth_token: 'not_set', can_send: false },
  });
  expect((await add('whatsapp', '022 4000 1234', { label: 'Front desk' })).status).toBe(201);
  await add('whatsapp', '+91 22 4000 1235');
  const added = await bodyOf(senders, await add('voice', '+912240001234'));
  expect(named(added)).toEqual([
    'voice +912240001234',
    'whatsapp +912240001234 sends',
    'whatsapp +912240001235',
  ]);
  expect(added.numbers[1]?.label).toBe('Front desk');

  const set = await bodyOf(senders, await send('PUT', account, { account_sid: sid, auth_token: token }));
  expect(set.twilio).toEqual({ account_sid: sid, auth_token: 'set', can_send: true });
  const second = `${path}/whatsapp/+912240001235`;
  const chosen = await bodyOf(senders, await send('PATCH', second, { sends: true, label: 'Ward' }));
  expect(named(chosen)[1]).toBe('whatsapp +912240001235 sends');
  const corrected = await bodyOf(senders, await send('PATCH', second, { number: '+912240001236' }));
  expect(named(corrected)[1]).toBe('whatsapp +912240001236 sends');
  expect(corrected.numbers[1]?.label).toBe('Ward');

  expect(await ingestKnows()).toEqual({
    numbers: ['whatsapp:+912240001234', 'whatsapp:+912240001236'],
    tokens: [token],
  });
  expect(await senderKnows()).toEqual({
    accountSid: sid,
    numbers: ['+912240001236', '+912240001234'],
    token,
  });

  const removed = await send('DELETE', `${path}/whatsapp/+912240001236`);
  expect(named(await bodyOf(senders, removed))).toEqual([
    'voice +912240001234',
    'whatsapp +912240001234 sends',
  ]);
  const off = await bodyOf(senders, await send('PUT', account, { account_sid: null }));
  expect(off.twilio).toEqual({ account_sid: null, auth_token: 'not_set', can_send: false });
  expect(await ingestKnows()).toEqual({ numbers: ['whatsapp:+912240001234'], tokens: [] });

  const audit = await clinic.newAudit();
  expect(audit.map(({ action }) => action).filter((action) => action !== 'settings.view')).toEqual(
    [
      ...['add_number', 'add_number', 'add_number', 'set_twilio', 'change_number', 'change_number'],
      ...['remove_number', 'set_twilio'],
    ].map((action) => `settings.${action}`),
  );
  for (const text of [JSON.stringify([added, set, off]), JSON.stringify(audit)])
    expect(text).not.toContain(token);
});

test('a number is one clinic’s, and a change that comes too late changes nothing', async () => {
  const body = { channel: 'sms', number: '+912240009999' };
  expect((await send('POST', path, body)).status).toBe(201);
  for (const client of [clinic.owner, clinic.stranger])
    expect(await problemOf(await send('POST', path, body, client))).toMatchObject({
      status: 409,
      code: 'number_taken',
      errors: [{ location: 'body.number', fix: expect.any(String) }],
    });
  await send('POST', path, { channel: 'sms', number: '+912240009998' }, clinic.stranger);
  const other = { number: '+912240009999' };
  expect(
    await problemOf(await send('PATCH', `${path}/sms/+912240009998`, other, clinic.stranger)),
  ).toMatchObject({ code: 'number_taken' });
  expect(named(await bodyOf(senders, await clinic.stranger.get(path)))).toEqual(['sms +912240009998']);
  for (const number of ['+912240009999', '912240009998'])
    expect((await send('DELETE', `${path}/sms/${number}`, undefined, clinic.stranger)).status).toBe(404);

  const etag = await etagOf(clinic.owner);
  const late = { 'if-match': etag };
  const answers = await Promise.all(
    ['+912240008881', '+912240008882'].map((number) =>
      clinic.owner.send('POST', path, { channel: 'sms', number }, late),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  const lost = await clinic.owner.send('PUT', account, { account_sid: sid }, late);
  expect(await problemOf(lost)).toMatchObject({ status: 409, code: 'settings_changed' });
});

test.each([
  ['POST', path, { channel: 'fax', number: '+912240001234' }, 'body.channel'],
  ['POST', path, { channel: 'voice', number: '12' }, 'body.number'],
  ['POST', path, { channel: 'voice', number: '+912240001234', label: '' }, 'body.label'],
  ['PATCH', `${path}/voice/+912240001234`, {}, 'body'],
  ['PATCH', `${path}/voice/+912240001234`, { sends: false }, 'body.sends'],
  ['PATCH', `${path}/voice/+912240001234`, { number: 'none' }, 'body.number'],
  ['PUT', account, { account_sid: 'AC1' }, 'body.account_sid'],
  ['PUT', account, { account_sid: null, auth_token: token }, 'body.account_sid'],
  ['PUT', account, { account_sid: sid, auth_token: 'short' }, 'body.auth_token'],
])('%s %s %j is refused by name', async (method, to, body, location) => {
  expect(await problemOf(await send(method, to, body))).toMatchObject({
    status: 422,
    errors: [{ location, fix: expect.any(String) }],
  });
});

test('they are for owners and managers of the clinic, from its own pages', async () => {
  const key = { 'x-api-key': await clinic.addKey(clinic.tenantId, ['admin']) };
  for (const [method, to, body] of [
    ['GET', path],
    ['POST', path, { channel: 'voice', number: '+912240007777' }],
    ['PATCH', `${path}/voice/+912240001234`, { sends: true }],
    ['DELETE', `${path}/voice/+912240001234`],
    ['PUT', account, { account_sid: sid }],
  ] as const) {
    for (const client of [clinic.agent, clinic.analyst])
      expect([method, (await client.send(method, to, body)).status]).toEqual([method, 403]);
    expect((await clinic.nobody.send(method, to, body, key)).status).toBe(403);
    expect((await clinic.nobody.send(method, to, body)).status).toBe(401);
    if (method === 'GET') continue;
    const evil = { origin: 'https://evil.example', 'if-match': await etagOf(clinic.owner) };
    expect(await problemOf(await clinic.owner.send(method, to, body, evil))).toMatchObject({
      code: 'foreign_origin',
    });
  }
});

async function ingestKnows() {
  const databaseUrl = clinic.database.urlAs('switchboard_ingest');
  const reader = createIngestTenantReader({
    databaseUrl,
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  try {
    const tenant = (await reader.read()).find(({ tenantId }) => tenantId === clinic.tenantId);
    const sealer = createSealer(testSecretsKey);
    return {
      numbers: tenant?.numbers.map(({ channel, number }) => `${channel}:${number}`).sort(),
      tokens: tenant?.twilioSecrets.map(({ sealed }) => sealer.open(sealed).toString()),
    };
  } finally {
    await reader.close();
  }
}

async function senderKnows() {
  const pool = createPool({
    url: clinic.database.urlAs('switchboard_sink'),
    applicationName: 'test',
    max: 1,
  });
  const sealer = createSealer(testSecretsKey);
  try {
    return await withTenant(pool, clinic.tenantId, async (client) => {
      const known = await twilioAccountOf(client, clinic.tenantId, {});
      const { accountSid, numbers } = known ?? {};
      const opened = known && (await twilioTokenOf(client, clinic.tenantId, known, { sealer, settings: {} }));
      return { accountSid, numbers, token: opened };
    });
  } finally {
    await pool.end();
  }
}
