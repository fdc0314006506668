import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PostgresEngine, startPostgres } from '@switchboard/embedded';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, type Pool, withTenant } from './pool.ts';
import { loginRoles } from './roles.ts';
import { indexQueries } from './testing/plans/index-queries.ts';
import { seedMany, someId, somePhone } from './testing/plans/seed-many.ts';

/** More than a million rows in all; what a clinic has few of, it has few of here. */
const rows = {
  patients: 150_000,
  patient_identifiers: 150_000,
  voice_calls: 150_000,
  conversations: 100_000,
  conversation_messages: 150_000,
  appointments: 150_000,
  fact_current: 150_000,
  audit_log: 100_000,
  match_decisions: 50_000,
  match_reviews: 20_000,
  patient_merges: 20_000,
  booking_requests: 20_000,
  journeys: 30_000,
  journey_steps: 50_000,
  message_media: 20_000,
  message_sends: 20_000,
  reply_suggestions: 20_000,
  conversation_notes: 20_000,
  message_requests: 20_000,
  voice_call_recordings: 20_000,
  stored_files: 60_000,
  dead_letters: 20_000,
  webhook_deliveries: 20_000,
  sessions: 20_000,
  locations: 20_000,
  departments: 20_000,
  practitioners: 20_000,
  appointment_types: 20_000,
  practitioner_schedules: 20_000,
  schedule_exceptions: 20_000,
  clinic_holidays: 20_000,
  voice_tool_uses: 20_000,
  voice_tool_callers: 20_000,
  record_states: 50_000,
};

interface PlanNode {
  'Node Type': string;
  'Index Name'?: string;
  Plans?: PlanNode[];
}

let dataDir: string;
let postgres: PostgresEngine;
let database: TestDatabase;
let tenant: string;
const pools = new Map<string, Pool>();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'switchboard-plans-'));
  postgres = await startPostgres({
    dataDir: join(dataDir, 'postgres'),
    password: 'switchboard',
    settings: { fsync: 'off', full_page_writes: 'off', max_wal_size: '4GB' },
  });
  database = await createTestDatabase(postgres.url);
  tenant = await database.addTenant();
  const admin = createPool({
    url: database.adminUrl,
    applicationName: 'plans-test',
    statementTimeoutMs: 600_000,
    onError: () => undefined,
  });
  await seedMany(admin, { tenant, other: await database.addTenant(), rows });
  await admin.end();
  for (const role of loginRoles)
    pools.set(role, createPool({ url: database.urlAs(role), applicationName: 'plans-test', max: 1 }));
}, 900_000);

afterAll(async () => {
  for (const pool of pools.values()) await pool.end();
  await database?.drop();
  await postgres?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('among a million rows, as the role that asks', () => {
  it.each(indexQueries)('$index serves its query as $role', async ({ index, role, sql }) => {
    const pool = pools.get(role);
    if (!pool) throw new Error(`no pool of ${role}`);
    const text = sql.replaceAll('$id', someId).replaceAll('$phone', `'${somePhone}'`);
    const plan = await withTenant(pool, tenant, async (client) => {
      const explained = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      );
      return explained.rows[0]?.['QUERY PLAN'][0]?.Plan;
    });
    const nodes = plan ? flatten(plan) : [];
    expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    expect(nodes.map((node) => node['Index Name'])).toContain(index);
  });

  it('every index of a tenant’s table that is no key has its query here', async () => {
    const { rows: found } = await database.admin.query<{ name: string }>(
      `SELECT i.relname AS name FROM pg_index x
       JOIN pg_class i ON i.oid = x.indexrelid
       JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attname = 'tenant_id'
       JOIN pg_class t ON t.oid = x.indrelid AND t.relrowsecurity
       JOIN pg_am m ON m.oid = i.relam AND m.amname = 'btree'
       WHERE i.relnamespace = 'public'::regnamespace AND NOT x.indisprimary
         AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid)
       ORDER BY 1`,
    );
    // Read by functions that pass row-level security, before a tenant is known; or a queue's; or there to hold a rule.
    const elsewhere = [
      'appointment_types_name',
      'patient_merges_in_force',
      'api_keys_key_id',
      'outbox_shard',
      'sessions_token',
      'tenant_numbers_number',
      'users_email',
    ];
    const asked = new Set([...indexQueries.map(({ index }) => index), ...elsewhere]);
    expect(found.map(({ name }) => name).filter((name) => !asked.has(name))).toEqual([]);
    expect(indexQueries.length).toBeGreaterThan(30);
  });
});

function flatten(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}
