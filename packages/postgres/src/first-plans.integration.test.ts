import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findAppointmentNeighbours } from './facts/find-neighbours.ts';
import { loadAppointments } from './facts/load-appointments.ts';
import type { ToState } from './facts/touched.ts';
import { createPool, type Pool, withTenant } from './pool.ts';
import { loadOverlapping } from './records/appointments.ts';
import { loadCalls } from './voice/calls.ts';
import { findNeighbours, loadFactRecords } from './voice/fact-records.ts';

let database: TestDatabase;
let pool: Pool;
let tenant: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  tenant = await database.addTenant();
  pool = createPool({
    url: database.urlAs('switchboard_sink'),
    applicationName: 'first-plans-test',
    max: 1,
    prepare: true,
  });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe('before a table is analysed for the first time', () => {
  it('a foreign key is checked by the key it names, not through all rows of the clinic', async () => {
    const { rows: keys } = await database.admin.query<{ target: string; key: string; columns: string[] }>(
      `SELECT DISTINCT f.confrelid::regclass::text AS target, p.conname AS key,
         ARRAY (SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY k (n, at)
                JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.n ORDER BY at) AS columns
       FROM pg_constraint f JOIN pg_constraint p ON p.conindid = f.conindid AND p.contype IN ('p', 'u')
       WHERE f.contype = 'f' AND f.connamespace = 'public'::regnamespace`,
    );
    expect(keys.map(({ target }) => target)).toEqual(expect.arrayContaining(['voice_calls', 'patients']));
    for (const { target, key, columns } of keys) {
      const asked = columns.map((name, at) => `${name} = $${at + 1}`).join(' AND ');
      // As the server asks it (ri_triggers.c), whom row-level security does not bind.
      const { rows } = await database.admin.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN (GENERIC_PLAN) SELECT 1 FROM ONLY ${target} x WHERE ${asked} FOR KEY SHARE OF x`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan, target).toMatch(new RegExp(`(?:using|on) ${key}\\b`));
    }
  });
});

describe('a pool that prepares its statements', () => {
  it('has each planned once, and reads what it read when a migration adds a column', async () => {
    const read = () =>
      withTenant(pool, tenant, (client) =>
        loadCalls(client, tenant, [{ source: 'zoice', externalId: 'call' }]),
      );
    await database.admin.query(
      `INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, merge_state, began_at)
       VALUES ($1, gen_random_uuid(), 'zoice', 'call', 'inbound', '{}', now())`,
      [tenant],
    );
    const [before] = await read();
    await read();
    const { rows } = await pool.query<{ times: number }>(
      `SELECT sum(generic_plans + custom_plans)::int AS times FROM pg_prepared_statements
       WHERE statement LIKE '%voice_calls%'`,
    );
    expect(rows).toEqual([{ times: 2 }]);
    await database.admin.query('ALTER TABLE voice_calls ADD COLUMN added text');
    expect(await read()).toEqual([before]);
    expect(before).toMatchObject({ source: 'zoice', external_id: 'call' });
  });

  it('goes by indexes, though its plans were made when the tables were empty', async () => {
    const id = '018f0000-0000-7000-8000-000000000001';
    const position = { callId: id, phone: '+919812345678', beganAt: new Date(), intent: 'billing' };
    await withTenant(pool, tenant, async (client) => {
      await client.query('SET LOCAL plan_cache_mode = force_generic_plan');
      await findNeighbours(client, tenant, [{ ...position, direction: 'inbound' }]);
      await loadFactRecords(client, tenant, [id]);
    });
    const { rows: statements } = await pool.query<{ name: string; parameters: string[] }>(
      `SELECT name, parameter_types::text[] AS parameters FROM pg_prepared_statements WHERE statement LIKE '%voice_calls%'`,
    );
    expect(statements.length).toBeGreaterThanOrEqual(3);
    await withTenant(pool, tenant, async (client) => {
      await client.query('SET LOCAL plan_cache_mode = force_generic_plan');
      for (const { name, parameters } of statements) {
        const values = parameters.map((type) => (type.endsWith('[]') ? `'{}'` : 'NULL')).join(', ');
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE ${name}(${values})`);
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        expect(plan).not.toMatch(/Seq Scan|Hash Join|Merge Join/);
        // Calls of a number are found by it, one call by its key: never by what many have in common.
        expect(plan).not.toMatch(/voice_calls_(?:intent|outcome|status|began|conversation)/);
      }
    });
  });

  it('finds what overlaps an appointment by practitioner and time, however many the practitioner has', async () => {
    const id = '018f0000-0000-7000-8000-000000000002';
    const found: ToState = {
      calls: new Set(),
      conversations: new Set(),
      messages: new Set(),
      appointments: new Set([id]),
      journeys: new Set(),
    };
    await database.admin.query(
      `INSERT INTO practitioners (tenant_id, id, display_name) SELECT $1, gen_random_uuid(), 'Dr. ' || n FROM generate_series(1, 5) n`,
      [tenant],
    );
    await database.admin.query(
      `INSERT INTO appointments (tenant_id, id, practitioner_id, status, channel, starts_at, ends_at)
       SELECT $1, gen_random_uuid(), p.id, 'completed', 'desk', at, at + interval '15 minutes'
       FROM practitioners p, generate_series(timestamptz '2026-01-01', '2026-02-10', '2 hours') at WHERE p.tenant_id = $1`,
      [tenant],
    );
    await database.admin.query('ANALYZE appointments');
    await withTenant(pool, tenant, async (client) => {
      await loadOverlapping(client, tenant, [{ practitionerId: id, from: 0, to: 1 }]);
      await loadAppointments(client, tenant, [id]);
      await findAppointmentNeighbours(client, tenant, found);
      const { rows } = await client.query<{ name: string; parameters: string[] }>(
        `SELECT name, parameter_types::text[] AS parameters FROM pg_prepared_statements
         WHERE statement LIKE '%practitioner_id = %starts_at <%'`,
      );
      expect(rows).toHaveLength(3);
      for (const { name, parameters } of rows) {
        const values = parameters.map((type) => (type.endsWith('[]') ? `'{}'` : 'NULL')).join(', ');
        const plan = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE ${name}(${values})`);
        const lines = plan.rows.map((row) => row['QUERY PLAN']);
        const looks = lines.filter((line) => /Index Cond: .*practitioner_id = /.test(line));
        expect(looks.length).toBeGreaterThan(0);
        for (const look of looks) expect(look).toMatch(/starts_at < .*starts_at > /);
      }
    });
  });
});
