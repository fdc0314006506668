import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createPool, type Pool } from './pool.ts';
import { loadTenantSettings } from './tenants.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'tenants-test' });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe('a clinic’s time zone', () => {
  it('can only be one that Postgres knows', async () => {
    await expect(database.addTenant({ timeZone: 'Asia/Colcata' })).rejects.toMatchObject({ code: '22023' });
    const id = await database.addTenant({ timeZone: 'Europe/London' });
    expect((await loadTenantSettings(pool, [id])).get(id)?.timeZone).toBe('Europe/London');
  });

  it('that we do not know stops whoever loads it, rather than its events one by one', async () => {
    // Postgres takes a zone by its rules; dates of the clinic's calendar are never counted so.
    const id = await database.addTenant({ timeZone: 'XYZ-5:30' });
    await expect(loadTenantSettings(pool, [id])).rejects.toMatchObject({
      code: 'time_zone_unknown',
      retryable: false,
    });
  });
});
