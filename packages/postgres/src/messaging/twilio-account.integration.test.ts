import { randomBytes } from 'node:crypto';
import { uuidV7 } from '@switchboard/domain/ids';
import { createSealer } from '@switchboard/platform';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createPool, type Pool, withTenant } from '../pool.ts';
import { twilioAccountOf, twilioTokenOf } from './twilio-account.ts';

const sealer = createSealer(randomBytes(32));
const own = `AC${'a'.repeat(32)}`;
const shared = `AC${'b'.repeat(32)}`;
let database: TestDatabase;
let sink: Pool;
let api: Pool;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  sink = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', max: 1 });
  api = createPool({ url: database.urlAs('switchboard_api'), applicationName: 'test', max: 1 });
});
afterAll(async () => {
  await sink.end();
  await api.end();
  await database.drop();
});

const ask = (pool: Pool, tenantId: string, settings: Parameters<typeof twilioAccountOf>[2]) =>
  withTenant(pool, tenantId, (client) => twilioAccountOf(client, tenantId, settings));
const tokenOf = (
  tenantId: string,
  tokenFrom: 'clinic' | 'settings',
  settings: Parameters<typeof twilioAccountOf>[2],
) =>
  withTenant(sink, tenantId, (client) =>
    twilioTokenOf(
      client,
      tenantId,
      { accountSid: own, tokenFrom, numbers: ['+912240001234'] },
      { sealer, settings },
    ),
  );
const addToken = (tenantId: string, token: string, notAfter: string | null) =>
  database.admin.query(
    `INSERT INTO tenant_webhook_secrets (tenant_id, id, kind, sealed, not_after) VALUES ($1, $2, 'twilio', $3, $4)`,
    [tenantId, uuidV7(Date.now()), sealer.seal(Buffer.from(token)), notAfter],
  );

it('a clinic’s own account, number and newest token; the api learns that they are there, and no token', async () => {
  const tenantId = await database.addTenant();
  expect(await ask(sink, tenantId, {})).toBeNull();
  await database.admin.query('UPDATE tenants SET twilio_account_sid = $2 WHERE id = $1', [tenantId, own]);
  await addToken(tenantId, 'over', '2026-01-01');
  expect(await ask(sink, tenantId, {})).toBeNull();
  await addToken(tenantId, 'in force', null);
  await addToken(tenantId, 'rotated', '2099-01-01');
  expect(await ask(api, tenantId, {})).toBeNull();
  for (const channel of ['voice', 'whatsapp'])
    await database.admin.query(
      'INSERT INTO tenant_numbers (tenant_id, number, channel) VALUES ($1, $2, $3)',
      [tenantId, channel === 'voice' ? '+912240000001' : '+912240001234', channel],
    );
  const account = { accountSid: own, tokenFrom: 'clinic', numbers: ['+912240001234'] };
  expect(await ask(api, tenantId, {})).toEqual(account);
  expect(await ask(sink, tenantId, {})).toEqual(account);
  expect(await tokenOf(tenantId, 'clinic', {})).toBe('in force');
});

it('the settings’ account is the default clinic’s, and no other’s', async () => {
  const [tenantId, other] = [await database.addTenant(), await database.addTenant()];
  const settings = {
    DEFAULT_TENANT_ID: tenantId,
    TWILIO_ACCOUNT_SID: shared,
    TWILIO_WEBHOOK_SECRET: 'of webhooks',
    TWILIO_WHATSAPP_FROM: '+912240009999',
  };
  const account = { accountSid: shared, tokenFrom: 'settings', numbers: ['+912240009999'] };
  expect(await ask(api, tenantId, settings)).toEqual(account);
  expect(await ask(api, other, settings)).toBeNull();
  expect(await tokenOf(tenantId, 'settings', settings)).toBe('of webhooks');
  expect(await tokenOf(tenantId, 'settings', { ...settings, TWILIO_AUTH_TOKEN: 'its own' })).toBe('its own');
  for (const missing of ['TWILIO_ACCOUNT_SID', 'TWILIO_WEBHOOK_SECRET', 'TWILIO_WHATSAPP_FROM'])
    expect(await ask(api, tenantId, { ...settings, [missing]: undefined })).toBeNull();
});
