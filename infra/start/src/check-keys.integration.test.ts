import { randomBytes } from 'node:crypto';
import { createSealer } from '@switchboard/platform';
import type { Engines } from '@switchboard/testkit';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { checkKeys, noteKeys } from './check-keys.ts';
import { exitCodeOf } from './exit-codes.ts';

const engines: Engines = inject('engines');
const newKey = () => randomBytes(32).toString('base64');
const keys = { secretsKey: newKey(), pseudonymKey: newKey() };

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase(engines.postgresAdmin);
});

afterEach(() => database.drop());

test('a database without data takes any keys, and from then on no others', async () => {
  const { adminUrl } = database;
  await checkKeys(adminUrl, keys);
  await noteKeys(adminUrl, keys);
  await noteKeys(adminUrl, keys);
  await checkKeys(adminUrl, keys);
  for (const [name, other] of [
    ['SECRETS_KEY', { ...keys, secretsKey: newKey() }],
    ['PSEUDONYM_KEY', { ...keys, pseudonymKey: newKey() }],
  ] as const) {
    const refused = await checkKeys(adminUrl, other).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'other_keys',
      message: expect.stringContaining(`was set up with another ${name}`),
    });
    expect(exitCodeOf(refused)).toBe(23);
    await expect(noteKeys(adminUrl, other)).rejects.toMatchObject({ code: 'other_keys' });
  }
  const { rows } = await database.admin.query('SELECT name FROM key_fingerprints ORDER BY name');
  expect(rows).toEqual([{ name: 'PSEUDONYM_KEY' }, { name: 'SECRETS_KEY' }]);
});

test('where no key was noted, what is sealed tells whether it is the right one', async () => {
  const { adminUrl, admin } = database;
  const tenant = await database.addTenant();
  await admin.query(
    `INSERT INTO tenant_webhook_secrets (tenant_id, id, kind, sealed) VALUES ($1, gen_random_uuid(), 'voice', $2)`,
    [tenant, createSealer(Buffer.from(keys.secretsKey, 'base64')).seal(Buffer.from('a secret'))],
  );
  await checkKeys(adminUrl, keys);
  await expect(checkKeys(adminUrl, { ...keys, secretsKey: newKey() })).rejects.toMatchObject({
    code: 'other_keys',
  });
});

test('a key that was changed is taken with the one before it beside it, and is the database’s from then on', async () => {
  const { adminUrl, admin } = database;
  const changed = { ...keys, secretsKey: newKey(), oldSecretsKeys: [Buffer.from(keys.secretsKey, 'base64')] };
  const tenant = await database.addTenant();
  await admin.query(
    `INSERT INTO tenant_webhook_secrets (tenant_id, id, kind, sealed) VALUES ($1, gen_random_uuid(), 'voice', $2)`,
    [tenant, createSealer(Buffer.from(keys.secretsKey, 'base64')).seal(Buffer.from('a secret'))],
  );
  await checkKeys(adminUrl, changed);
  await noteKeys(adminUrl, keys);
  await expect(checkKeys(adminUrl, { ...changed, oldSecretsKeys: [] })).rejects.toMatchObject({
    code: 'other_keys',
  });
  await checkKeys(adminUrl, changed);
  // Refused before anything is prepared: the noted key stays until the new one is noted.
  await checkKeys(adminUrl, keys);
  await noteKeys(adminUrl, changed);
  await checkKeys(adminUrl, { ...changed, oldSecretsKeys: [] });
  await expect(checkKeys(adminUrl, keys)).rejects.toMatchObject({ code: 'other_keys' });
  await expect(
    checkKeys(adminUrl, { ...changed, pseudonymKey: newKey(), oldSecretsKeys: [] }),
  ).rejects.toMatchObject({ code: 'other_keys' });
});
