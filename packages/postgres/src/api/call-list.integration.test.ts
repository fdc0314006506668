import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createPool, type Pool, type Queryable, withTenant } from '../pool.ts';
import { type CallListOptions, listCalls } from './call-list.ts';

const calls = 4_000;
let database: TestDatabase;
let pool: Pool;
let tenantId: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  tenantId = await database.addTenant();
  const other = await database.addTenant();
  pool = createPool({ url: database.urlAs('switchboard_api'), applicationName: 'test', max: 2 });
  for (const tenant of [tenantId, other])
    await database.admin.query(
      `INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, status, began_at, merge_state)
       SELECT $1, gen_random_uuid(), 'zoice', 'zc_' || n, 'inbound', 'completed',
         timestamptz '2026-11-01 00:00:00Z' + make_interval(secs => n), '{}' FROM generate_series(1, $2::int) AS n`,
      [tenant, calls],
    );
  await database.admin.query(
    `INSERT INTO voice_call_transcripts (tenant_id, call_id, turn_index, speaker, text)
     SELECT tenant_id, id, turn, 'caller', 'my knee hurts' FROM voice_calls, generate_series(0, 1) AS turn
     WHERE tenant_id = $1 AND external_id IN ('zc_10', 'zc_20', 'zc_30')`,
    [tenantId],
  );
  await database.admin.query('ANALYZE voice_calls, voice_call_transcripts');
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

const options: CallListOptions = { filter: {}, sort: 'started_at', descending: true, limit: 50, offset: 0 };
const list = (given: Partial<CallListOptions>) =>
  withTenant(pool, tenantId, (client) => listCalls(client, tenantId, { ...options, ...given }));

test.each([true, false])(
  'a page by time is read from the index, not sorted out of all calls (descending %s)',
  async (descending) => {
    const plan = await withTenant(pool, tenantId, async (client) => {
      const lines: unknown[] = [];
      const explaining: Queryable = {
        async query(text, values) {
          const result = await client.query<never>(`EXPLAIN ${text}`, values);
          lines.push(...result.rows);
          return result;
        },
      };
      await listCalls(explaining, tenantId, { ...options, descending });
      return JSON.stringify(lines);
    });
    expect(plan).toContain('voice_calls_began');
    expect(plan).not.toContain('Sort');
  },
);

test('pages by time follow each other without a gap', async () => {
  const ids: string[] = [];
  for (const offset of [0, 1_500, 3_000])
    ids.push(...(await list({ limit: 1_500, offset })).rows.map(({ external_id }) => external_id));
  expect(ids).toEqual(Array.from({ length: calls }, (_, index) => `zc_${calls - index}`));
});

test('a search that finds more than it may keeps the newest, and says so', async () => {
  const found = async (searchLimit?: number) => {
    const { rows, ...rest } = await list({ filter: { q: 'knee' }, searchLimit });
    return { ...rest, ids: rows.map(({ external_id }) => external_id) };
  };
  expect(await found()).toEqual({ total: 3, ids: ['zc_30', 'zc_20', 'zc_10'] });
  expect(await found(3)).toEqual({ total: 3, ids: ['zc_30', 'zc_20', 'zc_10'] });
  expect(await found(2)).toEqual({ total: 2, searchedNewest: 2, ids: ['zc_30', 'zc_20'] });
});
