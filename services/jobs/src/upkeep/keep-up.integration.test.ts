import { createLogger } from '@switchboard/platform';
import { createPool, type Pool } from '@switchboard/postgres';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { keepUp } from './keep-up.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test' });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** A clinic with one delivery of long ago. */
async function clinic(): Promise<string> {
  const tenant = await database.addTenant();
  await database.admin.query(
    `WITH e AS (INSERT INTO webhook_endpoints (tenant_id, id, url, sealed_secret)
       VALUES ($1, gen_random_uuid(), 'https://his.example', '\\x00') RETURNING id)
     INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_type, entity_id, entity_version, body, created_at)
     SELECT $1, gen_random_uuid(), e.id, 'appointment.booked', gen_random_uuid(), 1, '{}', '2020-01-01' FROM e`,
    [tenant],
  );
  return tenant;
}

it('a clinic that cannot be tidied holds up no other, and the round says that it failed', async () => {
  const tenants = [await clinic(), await clinic(), await clinic()];
  const [broken = ''] = tenants;
  await database.admin.query(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no' USING ERRCODE = '57014'; END $$;
     CREATE TRIGGER refuse BEFORE DELETE ON webhook_deliveries
     FOR EACH ROW WHEN (OLD.tenant_id = '${broken}') EXECUTE FUNCTION refuse()`,
  );
  const logger = createLogger({ service: 'test', level: 'silent' });
  const round = keepUp(
    { pool, pseudonymKey: Buffer.alloc(32, 7), logger, keepDays: 30, now: Date.now },
    new AbortController().signal,
  );
  await expect(round).rejects.toMatchObject({ code: '57014' });
  const { rows } = await database.admin.query('SELECT DISTINCT tenant_id FROM webhook_deliveries');
  expect(rows).toEqual([{ tenant_id: broken }]);
});
