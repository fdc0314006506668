import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { demoClinic } from './demo-clinic.ts';
import { loadSecrets, type Secrets } from './secrets.ts';
import { demoTenantId, seedClinic } from './seed-clinic.ts';

let dir: string;
let secrets: Secrets;
let database: TestDatabase;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-seed-'));
  secrets = await loadSecrets(dir);
  database = await createTestDatabase(inject('engines').postgresAdmin);
});

afterAll(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

async function counts(): Promise<Record<string, number>> {
  const tables = ['tenants', 'locations', 'departments', 'practitioners', 'practitioner_schedules']
    .concat(['appointment_types', 'patients', 'patient_identifiers', 'users', 'api_keys', 'tenant_numbers'])
    .concat(['tenant_webhook_secrets']);
  const found = await Promise.all(
    tables.map(async (table) => {
      const { rows } = await database.admin.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
      return [table, rows[0]?.n ?? 0] as const;
    }),
  );
  return Object.fromEntries(found);
}

test('the demo clinic is there once, however often it is put in', async () => {
  await seedClinic(database.adminUrl, demoClinic, secrets);
  const first = await counts();
  expect(first).toMatchObject({
    tenants: 1,
    locations: 2,
    practitioners: 8,
    patients: 40,
    users: 1,
    api_keys: 2,
  });
  expect(first.practitioner_schedules).toBeGreaterThan(30);
  await seedClinic(database.adminUrl, demoClinic, secrets);
  expect(await counts()).toEqual(first);
});

test('one family shares one phone', async () => {
  const { rows } = await database.admin.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM patient_identifiers WHERE tenant_id = $1 GROUP BY value HAVING count(*) > 1`,
    [demoTenantId],
  );
  expect(rows).toEqual([{ n: 4 }]);
});

test('credentials become those of the secrets', async () => {
  const other = { ...secrets, apiKey: `sb_${'1'.repeat(12)}_${'2'.repeat(64)}` };
  await seedClinic(database.adminUrl, demoClinic, other);
  const { rows } = await database.admin.query<{ key_id: string }>(
    `SELECT key_id FROM api_keys WHERE name = 'Demo'`,
  );
  expect(rows).toEqual([{ key_id: '1'.repeat(12) }]);
});
