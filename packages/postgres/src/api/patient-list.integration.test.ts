import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createPool, type Pool, type Queryable, withTenant } from '../pool.ts';
import { listAudit } from './audit-list.ts';
import { listPatients, type PatientFilter } from './patient-list.ts';

const patients = 20_000;
let database: TestDatabase;
let pool: Pool;
let tenantId: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  tenantId = await database.addTenant();
  pool = createPool({ url: database.urlAs('switchboard_api'), applicationName: 'test', max: 2 });
  for (const tenant of [tenantId, await database.addTenant()]) {
    await database.admin.query(
      `INSERT INTO patients (tenant_id, id, first_name, last_name, date_of_birth, origin)
       SELECT $1, gen_random_uuid(), 'First' || n, CASE n WHEN 77 THEN 'O''Brien_100%' ELSE md5(n::text) END,
         date '1950-01-01' + n, 'desk' FROM generate_series(1, $2::int) AS n`,
      [tenant, patients],
    );
    await database.admin.query(
      `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value)
       SELECT tenant_id, id, 'phone', '+9198' || lpad(substr(first_name, 6), 8, '0') FROM patients WHERE tenant_id = $1`,
      [tenant],
    );
    await database.admin.query(
      `INSERT INTO audit_log (tenant_id, at, actor_kind, actor_id, action)
       SELECT $1, timestamptz '2026-11-01 00:00:00Z' + make_interval(secs => n), 'user', 'user-' || n % 20, 'call.view'
       FROM generate_series(1, 20000) AS n`,
      [tenant],
    );
  }
  // ANALYZE alone leaves what was just inserted in a list beside an index of letters, which the planner takes for slow to read.
  await database.admin.query('VACUUM (ANALYZE) patients, patient_identifiers, audit_log');
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

const find = async (filter: PatientFilter) => {
  const { rows, total } = await withTenant(pool, tenantId, (client) =>
    listPatients(client, tenantId, filter, { limit: 10, offset: 0 }),
  );
  return { total, names: rows.map(({ first_name }) => first_name) };
};

/** How often an index was read, in all. */
async function scansOf(index: string): Promise<number> {
  const { rows } = await database.admin.query<{ scans: number }>(
    `SELECT idx_scan AS scans FROM pg_stat_user_indexes WHERE indexrelname = $1`,
    [index],
  );
  return rows[0]?.scans ?? 0;
}

describe('a search among many', () => {
  test.each([
    ['patients_name_parts', { nameParts: ['brien', 'first'] }],
    ['patient_identifiers_digits', { phone: { e164: null, digits: '00000077' } }],
    ['patient_identifiers_digits', { phone: { e164: '+919800000077', digits: '09800000077' } }],
    ['patients_born', { bornOn: '1950-03-19' }],
  ] as const)('reads %s', async (index, filter) => {
    const before = await scansOf(index);
    expect(await find(filter)).toEqual({ total: 1, names: ['First77'] });
    // A connection tells its numbers when it ends, or now and then.
    await withTenant(pool, tenantId, (client) => client.query('SELECT pg_stat_force_next_flush()'));
    await expect.poll(() => scansOf(index)).toBeGreaterThan(before);
  });

  test('takes what stands for any letters in a pattern as a letter', async () => {
    expect(await find({ nameParts: ['n_100%'] })).toEqual({ total: 1, names: ['First77'] });
    expect(await find({ nameParts: ['n_200%'] })).toEqual({ total: 0, names: [] });
    expect(await find({ nameParts: ['\\'] })).toEqual({ total: 0, names: [] });
  });

  test('finds a short part, too, and who fits all that is known', async () => {
    expect((await find({ nameParts: ['f'] })).total).toBe(10_000);
    const both = { nameParts: ['first77'], phone: { e164: null, digits: '00000077' } };
    expect(await find(both)).toEqual({ total: 1, names: ['First77'] });
    expect(await find({ ...both, bornOn: '1950-03-20' })).toEqual({ total: 0, names: [] });
  });

  test('finds who was merged as the one that stands for both', async () => {
    const idOf = async (name: string) => {
      const { rows } = await database.admin.query<{ id: string }>(
        'SELECT id FROM patients WHERE tenant_id = $1 AND first_name = $2',
        [tenantId, name],
      );
      return rows[0]?.id;
    };
    await database.admin.query(
      `UPDATE patients SET status = 'merged', merged_into = $3 WHERE tenant_id = $1 AND id = $2`,
      [tenantId, await idOf('First19999'), await idOf('First20000')],
    );
    for (const filter of [
      { nameParts: ['first19999'] },
      { phone: { e164: '+919800019999', digits: '919800019999' } },
      { bornOn: '2004-10-03' },
    ])
      expect(await find(filter)).toEqual({ total: 1, names: ['First20000'] });
    expect((await find({})).total).toBe(patients - 1);
  });
});

test.each([
  ['audit_log_time', {}],
  ['audit_log_actor', { actorId: 'user-7' }],
] as const)('a page of the audit log is read from %s, not sorted', async (index, filter) => {
  const lines: unknown[] = [];
  await withTenant(pool, tenantId, async (client) => {
    const explaining: Queryable = {
      async query(text, values) {
        const result = await client.query<never>(`EXPLAIN ${text}`, values);
        lines.push(...result.rows);
        return result;
      },
    };
    await listAudit(explaining, tenantId, { filter, limit: 50 });
  });
  expect(JSON.stringify(lines)).toContain(index);
  expect(JSON.stringify(lines)).not.toContain('Sort');
});
