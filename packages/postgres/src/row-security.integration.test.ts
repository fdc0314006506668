import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createPool, inTransaction, type Pool, withTenant } from './pool.ts';
import { type LoginRole, loginRoles } from './roles.ts';
import { seedTwoClinics } from './testing/two-clinics.ts';

interface TableOfRole {
  role: LoginRole;
  table: string;
  /** The column with the tenant's id. */
  column: string;
  insert: boolean;
  update: boolean;
  delete: boolean;
}

let database: TestDatabase;
let ours: string;
let theirs: string;
let readable: TableOfRole[];
const pools = new Map<LoginRole, Pool>();

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  ({ ours, theirs } = await seedTwoClinics(database));
  for (const role of loginRoles)
    pools.set(role, createPool({ url: database.urlAs(role), applicationName: 'rls-test', max: 2 }));
  const { rows } = await database.admin.query<TableOfRole>(
    `SELECT role, c.relname AS table, a.attname AS column, has_table_privilege(role, c.oid, 'INSERT') AS insert,
       has_table_privilege(role, c.oid, 'UPDATE') AS update, has_table_privilege(role, c.oid, 'DELETE') AS delete
     FROM unnest($1::text[]) AS role, pg_class c
     JOIN pg_attribute a ON a.attrelid = c.oid
       AND a.attname = CASE c.relname WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND has_table_privilege(role, c.oid, 'SELECT')
     ORDER BY role, c.relname`,
    [loginRoles],
  );
  readable = rows;
});

afterAll(async () => {
  for (const pool of pools.values()) await pool.end();
  await database.drop();
});

function poolOf(role: LoginRole): Pool {
  const pool = pools.get(role);
  if (!pool) throw new Error(`no pool of ${role}`);
  return pool;
}

/** Runs one statement as a role for a tenant, or for none, and undoes it. */
async function tryAs(role: LoginRole, tenant: string | undefined, text: string, values: unknown[] = []) {
  const rolledBack = new Error('rolled back');
  let result: { rows: Record<string, unknown>[]; rowCount: number | null } | undefined;
  await inTransaction(poolOf(role), async (client) => {
    if (tenant) await client.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenant]);
    result = await client.query(text, values);
    throw rolledBack;
  }).catch((error: unknown) => {
    if (error !== rolledBack) throw error;
  });
  return { rows: result?.rows ?? [], rowCount: result?.rowCount ?? 0 };
}

const refusedByPolicy = { code: '42501', message: expect.stringContaining('row-level security') };

describe('row-level security, for every role and every table it may read', () => {
  it('shows nothing while no tenant is set, to the owner neither', async () => {
    expect(readable.filter(({ role }) => role === 'switchboard_migrate').length).toBeGreaterThan(20);
    for (const { role, table } of readable) {
      const { rows } = await tryAs(role, undefined, `SELECT count(*) AS n FROM ${table}`);
      expect([role, table, rows[0]?.n]).toEqual([role, table, 0]);
    }
  });

  it("shows a tenant's own rows and no other's", async () => {
    for (const { role, table, column } of readable) {
      const { rows: all } = await database.admin.query<{ n: number }>(
        `SELECT count(*) AS n FROM ${table} WHERE ${column} = $1`,
        [ours],
      );
      expect([table, all[0]?.n]).not.toEqual([table, 0]);
      const { rows } = await tryAs(
        role,
        ours,
        `SELECT count(*) FILTER (WHERE ${column} = $1) AS ours, count(*) FILTER (WHERE ${column} <> $1) AS others FROM ${table}`,
        [ours],
      );
      expect([role, table, rows[0]]).toEqual([role, table, { ours: all[0]?.n, others: 0 }]);
    }
  });

  it("lets no other tenant's row be changed, taken over, given away or removed", async () => {
    for (const { role, table, column, update, delete: remove } of readable) {
      if (update) {
        const taken = await tryAs(role, ours, `UPDATE ${table} SET ${column} = $1 WHERE ${column} = $2`, [
          ours,
          theirs,
        ]);
        expect([role, table, taken.rowCount]).toEqual([role, table, 0]);
        const given = tryAs(role, ours, `UPDATE ${table} SET ${column} = $1`, [theirs]);
        await expect(given, `${role} ${table}`).rejects.toMatchObject(refusedByPolicy);
      }
      if (remove) {
        const removed = await tryAs(role, ours, `DELETE FROM ${table} WHERE ${column} = $1`, [theirs]);
        expect([role, table, removed.rowCount]).toEqual([role, table, 0]);
      }
    }
  });

  it('lets no row be written for another tenant', async () => {
    for (const { role, table, column, insert } of readable) {
      if (!insert) continue;
      const { rows } = await database.admin.query<{ row: unknown }>(
        `SELECT to_jsonb(t) AS row FROM ${table} t WHERE ${column} = $1`,
        [theirs],
      );
      const copy = `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_record(NULL::${table}, $1)`;
      for (const tenant of [ours, undefined]) {
        const written = tryAs(role, tenant, copy, [JSON.stringify(rows[0]?.row)]);
        await expect(written, `${role} ${table}`).rejects.toMatchObject(refusedByPolicy);
      }
    }
  });
});

describe('functions that pass row-level security', () => {
  it('search in the texts of the own tenant alone', async () => {
    for (const [tenant, found] of [
      [ours, 1],
      [theirs, 1],
      [undefined, 0],
    ] as const) {
      const { rowCount } = await tryAs('switchboard_api', tenant, `SELECT * FROM search_calls('marker')`);
      expect(rowCount).toBe(found);
      const turns = await tryAs('switchboard_api', tenant, `SELECT * FROM search_turns('marker')`);
      expect(turns.rowCount).toBe(found);
      const messages = await tryAs('switchboard_api', tenant, `SELECT * FROM search_messages('marker')`);
      expect(messages.rowCount).toBe(found);
    }
    const other = await tryAs('switchboard_api', ours, 'SELECT * FROM search_calls($1)', [theirs]);
    expect(other.rowCount).toBe(0);
  });

  it('find patients of the own tenant alone', async () => {
    await database.admin.query(
      `UPDATE patients SET first_name = 'Marker' WHERE tenant_id = ANY ($1) AND status = 'active'`,
      [[ours, theirs]],
    );
    const searches = [
      `SELECT patient_id FROM search_patients_by_name('{%marker%}')`,
      `SELECT patient_id FROM search_patients_by_phone('{%98%}')`,
    ];
    for (const search of searches) {
      const [mine, other] = [
        await tryAs('switchboard_api', ours, search),
        await tryAs('switchboard_api', theirs, search),
      ];
      expect([mine.rowCount, other.rowCount]).toEqual([1, 1]);
      expect(mine.rows).not.toEqual(other.rows);
      expect((await tryAs('switchboard_api', undefined, search)).rowCount).toBe(0);
    }
  });

  it('tell how fresh the own tenant is, and nothing without one', async () => {
    expect((await tryAs('switchboard_api', ours, 'SELECT * FROM tenant_freshness()')).rowCount).toBe(1);
    expect((await tryAs('switchboard_api', undefined, 'SELECT * FROM tenant_freshness()')).rowCount).toBe(0);
  });

  it('read no temporary table in place of ours', async () => {
    await withTenant(poolOf('switchboard_api'), ours, async (client) => {
      await client.query(
        `CREATE TEMP TABLE users ON COMMIT DROP AS
         SELECT $1::uuid AS tenant_id, gen_random_uuid() AS id, 'eve@example.org'::text AS email, 'Eve'::text AS display_name,
           'owner'::text AS role, 'x'::text AS password_hash, 'active'::text AS status`,
        [ours],
      );
      expect((await client.query(`SELECT * FROM login_lookup('eve@example.org')`)).rowCount).toBe(0);
    });
  });

  it('belong to a role that nobody can log in as', async () => {
    const { rows } = await database.admin.query(
      `SELECT DISTINCT r.rolname, r.rolcanlogin, r.rolsuper FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
       WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef`,
    );
    expect(rows).toEqual([{ rolname: 'switchboard_definer', rolcanlogin: false, rolsuper: false }]);
  });
});
