import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
});

afterAll(() => database.drop());

/** Positions of batches and blocks, and fingerprints of keys: they span tenants and hold no data of one. */
const tenantless = [
  'block_payloads',
  'block_shards',
  'blocks',
  'clickhouse_epochs',
  'in_flight',
  'in_flight_attempts',
  'key_fingerprints',
];

async function names(sql: string, values: unknown[] = []): Promise<string[]> {
  const { rows } = await database.admin.query<{ name: string }>(sql, values);
  return rows.map((row) => row.name);
}

const ours = `c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'schema_migrations'`;

describe("every tenant's table", () => {
  it('is every table but those of positions', async () => {
    const without = await names(
      `SELECT c.relname AS name FROM pg_class c WHERE ${ours} AND c.relname <> 'tenants'
         AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
       ORDER BY 1`,
    );
    expect(without).toEqual(tenantless);
  });

  it('has forced row-level security with the one policy', async () => {
    const wrong = await names(
      `SELECT c.relname AS name FROM pg_class c
       LEFT JOIN pg_policies p ON p.schemaname = 'public' AND p.tablename = c.relname
       WHERE ${ours} AND c.relname <> ALL ($1::text[])
       GROUP BY c.relname, c.relrowsecurity, c.relforcerowsecurity
       HAVING NOT (c.relrowsecurity AND c.relforcerowsecurity AND count(p) = 1
         AND bool_and(p.cmd = 'ALL' AND p.qual LIKE '%current_tenant()%' AND p.with_check LIKE '%current_tenant()%'))`,
      [tenantless],
    );
    // One more lets the operator's command see dead letters of no tenant.
    expect(wrong).toEqual(['dead_letters']);
  });

  it('has the tenant first in its key, unless its rows may have none or it is a queue', async () => {
    const wrong = await names(
      `SELECT c.relname AS name FROM pg_class c
       JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
       WHERE ${ours} AND c.relname <> ALL ($1::text[]) AND a.attname <> 'tenant_id' ORDER BY 1`,
      [tenantless],
    );
    expect(wrong).toEqual(['dead_letters', 'outbox', 'tenants']);
  });

  it('has foreign keys that cannot lead to another tenant', async () => {
    const wrong = await names(
      `SELECT k.conname AS name FROM pg_constraint k
       JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
       JOIN pg_class c ON c.oid = k.conrelid
       WHERE k.contype = 'f' AND ${ours} AND c.relname <> ALL ($1::text[]) AND a.attname <> 'tenant_id'`,
      [tenantless],
    );
    expect(wrong).toEqual([]);
  });
});

describe('indexes', () => {
  it('stand behind every foreign key to rows that can be deleted', async () => {
    const without = await names(
      `SELECT k.conrelid::regclass || '.' || k.conname AS name FROM pg_constraint k
       WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace AND k.confrelid NOT IN ('tenants'::regclass, 'clickhouse_epochs'::regclass)
         AND NOT EXISTS (
           SELECT FROM pg_index i WHERE i.indrelid = k.conrelid
             AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey) ORDER BY 1`,
    );
    expect(without).toEqual([]);
  });

  it('say which query they are for, unless they are a key', async () => {
    const silent = await names(
      `SELECT i.indexrelid::regclass::text AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
       WHERE ${ours} AND NOT i.indisprimary AND obj_description(i.indexrelid, 'pg_class') IS NULL
         AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY 1`,
    );
    expect(silent).toEqual([]);
  });
});
