import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createPool, inTransaction, type Pool, type Queryable, withTenant } from '../pool.ts';
import { type ClaimedDelivery, claimDeliveries, dueEndpoints, markDelivered } from './deliveries.ts';

const backlog = 20_000;
const endpointId = randomUUID();
let database: TestDatabase;
let pool: Pool;
let tenantId: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', max: 2 });
  tenantId = await database.addTenant();
  const { admin } = database;
  await admin.query(
    `INSERT INTO webhook_endpoints (tenant_id, id, url, sealed_secret) VALUES ($1, $2, 'https://a.example', '')`,
    [tenantId, endpointId],
  );
  // All due at one instant, as after a pause.
  await admin.query(
    `INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_type, entity_id, entity_version, body)
     SELECT $1, gen_random_uuid(), $2, 'appointment.booked', gen_random_uuid(), 1, '{}' FROM generate_series(1, $3::int)`,
    [tenantId, endpointId, backlog],
  );
  await admin.query('ANALYZE webhook_deliveries');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const due = () => ({ tenantId, endpointId, failing: false });
const claim = (db: Queryable) => claimDeliveries(db, due(), { most: 2, leaseMs: 60_000 });

test('two of a long backlog are claimed by an index, whose order spares sorting all that waits', async () => {
  const plan = await withTenant(pool, tenantId, async (client) => {
    const lines: unknown[] = [];
    await claim({
      async query(text, values) {
        const result = await client.query<never>(`EXPLAIN ${text}`, values);
        lines.push(...result.rows);
        return result;
      },
    });
    return JSON.stringify(lines);
  });
  expect(plan).toContain('webhook_deliveries_due');
  expect(plan).not.toContain('Sort');
  expect(plan).not.toContain('Seq Scan on webhook_deliveries');
});

test('a claim that ran out is another’s to take, and whoever had it can no longer say how it ended', async () => {
  const first = await withTenant(pool, tenantId, claim);
  expect(first).toHaveLength(2);
  const claimed = (rows: ClaimedDelivery[]) => rows.map(({ id }) => id).sort();
  const expire = `UPDATE webhook_deliveries SET next_attempt_at = now() - interval '1 hour' WHERE id = ANY ($1)`;
  const others = await withTenant(pool, tenantId, claim);
  expect(claimed(others)).not.toEqual(claimed(first));
  await database.admin.query(expire, [claimed(first)]);
  const again = await withTenant(pool, tenantId, claim);
  expect(claimed(again)).toEqual(claimed(first));
  const [late, new_] = [first[0], again.find(({ id }) => id === first[0]?.id)];
  if (!late || !new_) throw new Error('nothing was claimed');
  expect(await withTenant(pool, tenantId, (client) => markDelivered(client, late, 200))).toBe(false);
  expect(await withTenant(pool, tenantId, (client) => markDelivered(client, new_, 200))).toBe(true);
});

test('who is due is told without a tenant; a paused endpoint, a clinic that is suspended and a pause that was asked for are not', async () => {
  const isDue = () => inTransaction(pool, async (client) => (await dueEndpoints(client)).length);
  const set = (table: string, change: string) => database.admin.query(`UPDATE ${table} SET ${change}`);
  expect(await isDue()).toBe(1);
  await set('webhook_endpoints', `paused_at = now(), paused_reason = 'gone'`);
  expect(await isDue()).toBe(0);
  await set(
    'webhook_endpoints',
    `paused_at = NULL, paused_reason = NULL, not_before = now() + interval '1 minute'`,
  );
  expect(await isDue()).toBe(0);
  await set('webhook_endpoints', 'not_before = NULL');
  await set('tenants', `status = 'suspended'`);
  expect(await isDue()).toBe(0);
  await set('tenants', `status = 'active'`);
  expect(await isDue()).toBe(1);
});
