import { randomUUID } from 'node:crypto';
import { createLogger } from '@switchboard/platform';
import { createPool, type Pool } from '@switchboard/postgres';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { removeOriginals } from './remove-originals.ts';

let database: TestDatabase;
let pool: Pool;
let tenant: string;
beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test' });
  tenant = await database.addTenant();
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function store(tenantId: string | null, state: string, daysAgo: number): Promise<string> {
  const id = randomUUID();
  const at = new Date(Date.now() - daysAgo * 86_400_000);
  await database.admin.query(
    `INSERT INTO dead_letters (id, tenant_id, stage, reason, source, content_type, sealed, attempts, first_at, last_at, state,
       replayed_at, discarded_at)
     VALUES ($1, $2, 'ingest', 'not_json', 'zoice', 'application/json', 'sealed', 1, $3, $3, $4, $5, $6)`,
    [id, tenantId, at, state, state === 'discarded' ? null : at, state === 'discarded' ? at : null],
  );
  return id;
}
const round = (keepDays: number) =>
  removeOriginals(
    { pool, keepDays, now: Date.now, logger: createLogger({ service: 'test', level: 'silent' }) },
    new AbortController().signal,
  );

it('originals of letters that were put back or given up long ago go, of every clinic and of none; all else stays', async () => {
  const old = [
    await store(tenant, 'replayed', 91),
    await store(tenant, 'discarded', 400),
    await store(randomUUID(), 'replayed', 91),
    await store(null, 'discarded', 91),
  ];
  const kept = [
    await store(tenant, 'replayed', 89),
    await store(tenant, 'discarded', 1),
    await store(tenant, 'open', 400),
    await store(tenant, 'replaying', 400),
    await store(null, 'open', 400),
  ];
  for (const _ of ['once', 'again']) await round(90);
  const { rows } = await database.admin.query<{ id: string; sealed: Buffer }>(
    'SELECT id, sealed FROM dead_letters',
  );
  const bytesOf = new Map(rows.map(({ id, sealed }) => [id, sealed.toString()]));
  expect(old.map((id) => bytesOf.get(id))).toEqual(['', '', '', '']);
  expect(kept.map((id) => bytesOf.get(id))).toEqual(Array(5).fill('sealed'));
  const audit = await database.admin.query(
    `SELECT tenant_id, actor_kind, details FROM audit_log WHERE action = 'dead_letter.remove_originals'`,
  );
  expect(audit.rows).toEqual([{ tenant_id: tenant, actor_kind: 'system', details: { rows: 2 } }]);
});
