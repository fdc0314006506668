import { firing } from '@switchboard/monitoring/firing';
import { createLogger, createMetrics } from '@switchboard/platform';
import { createPool, type Pool, withTenant } from '@switchboard/postgres';
import { recountVoiceCalls } from '@switchboard/postgres/recount/voice-calls';
import { loadTenantSettings } from '@switchboard/postgres/tenants';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { enrichedEvent, receivedEvent } from '@switchboard/testkit/factories';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { restateOlder, stateUnstated } from './restate.ts';
import { keepUp, startUpkeep } from './upkeep.ts';
import { type WriteOptions, writeEvents } from './write-events.ts';

let database: TestDatabase;
let pool: Pool;
let options: WriteOptions;
let tenantId: string;

const { signal } = new AbortController();
const logger = createLogger({ service: 'test', level: 'silent' });
const calls = 230;
/** One of the call, and one each of when its conversation began and was over. */
const statements = 3 * calls;
const start = Date.parse('2026-11-20T20:00:00Z');

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test-sink' });
  options = { pool, pseudonymKey: Buffer.alloc(32, 7), now: Date.now };
});

beforeEach(async () => {
  tenantId = await database.addTenant();
  await writeMore(calls);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function writeMore(count: number): Promise<void> {
  const tenant = (await loadTenantSettings(pool, [tenantId])).get(tenantId);
  if (!tenant) throw new Error('the tenant was just made');
  const events = Array.from({ length: count }, (_, index) =>
    enrichedEvent(
      receivedEvent({
        tenant_id: tenantId,
        call: {
          from_number: `+9198${10_000_000 + index}`,
          started_at: start + index * 60_000,
          status: 'completed',
        },
      }),
    ),
  );
  await writeEvents(
    options,
    tenant,
    events.map((event) => ({ event, traceparent: null })),
  );
}

async function recount() {
  const { rows } = await database.admin.query<{ time_zone: string }>(
    'SELECT time_zone FROM tenants WHERE id = $1',
    [tenantId],
  );
  return withTenant(pool, tenantId, (client) =>
    recountVoiceCalls(client, tenantId, rows[0]?.time_zone ?? ''),
  );
}

/** What the outbox's signed lines come to, by day, against what is stated now. */
async function sums() {
  const { rows } = await database.admin.query(
    `SELECT coalesce(o.day, f.day) AS day, o.n AS told, f.n AS stated FROM
       (SELECT line::jsonb ->> 'local_date' AS day, sum(sign)::int AS n FROM outbox WHERE tenant_id = $1
        GROUP BY 1 HAVING sum(sign) <> 0) o
     FULL JOIN (SELECT statement ->> 'local_date' AS day, count(*)::int AS n FROM fact_current WHERE tenant_id = $1 GROUP BY 1) f
       ON f.day = o.day ORDER BY 1`,
    [tenantId],
  );
  return rows;
}

describe('statements', () => {
  it('move to the clinic’s new days when its time zone is changed', async () => {
    expect(await recount()).toEqual({ compared: calls, differences: [], older: [] });
    await database.admin.query(`UPDATE tenants SET time_zone = 'America/New_York' WHERE id = $1`, [tenantId]);
    expect(await recount()).toEqual({
      compared: 0,
      differences: [],
      older: [{ version: expect.any(Number), statements: calls }],
    });
    expect(await restateOlder(options, tenantId, signal)).toBe(2 * calls);
    expect(await recount()).toEqual({ compared: calls, differences: [], older: [] });
    expect(await sums()).toEqual([{ day: '2026-11-20', told: statements, stated: statements }]);
    expect(await restateOlder(options, tenantId, signal)).toBe(0);
  });

  it('are remembered for the new zone where it changes nothing, and nobody is told twice', async () => {
    await database.admin.query(`UPDATE tenants SET time_zone = 'Asia/Colombo' WHERE id = $1`, [tenantId]);
    expect(await restateOlder(options, tenantId, signal)).toBe(2 * calls);
    expect(await recount()).toEqual({ compared: calls, differences: [], older: [] });
    const { rows } = await database.admin.query('SELECT count(*) FROM outbox WHERE tenant_id = $1', [
      tenantId,
    ]);
    expect(rows).toEqual([{ count: statements }]);
  });

  it('of older rules are made again, those of newer rules left alone', async () => {
    const set = (version: number, booked: number, than: string) =>
      database.admin.query(
        `UPDATE fact_current SET statement_version = $2, statement = statement || $3::jsonb
         WHERE tenant_id = $1 AND entity_id IN (SELECT id FROM voice_calls WHERE tenant_id = $1 AND began_at ${than} $4)`,
        [tenantId, version, JSON.stringify({ statement_version: version, booked }), new Date(start)],
      );
    await set(1, 1, '>');
    await set(99, 1, '=');
    expect(await restateOlder(options, tenantId, signal)).toBe(calls - 1);
    expect(await recount()).toEqual({
      compared: calls - 1,
      differences: [],
      older: [{ version: 99, statements: 1 }],
    });
  });
});

it('a clinic whose upkeep fails holds up no other’s, and the round says that it failed', async () => {
  const broken = tenantId;
  const beside = await database.addTenant();
  const { admin } = database;
  const marks = (tenant: string) => admin.query('SELECT FROM inbox WHERE tenant_id = $1', [tenant]);
  for (const tenant of [broken, beside])
    await admin.query(
      `INSERT INTO inbox (tenant_id, event_id, created_at) VALUES ($1, gen_random_uuid(), '2020-01-01')`,
      [tenant],
    );
  await admin.query(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no' USING ERRCODE = '57014'; END $$;
     CREATE TRIGGER refuse BEFORE DELETE ON inbox FOR EACH ROW WHEN (OLD.tenant_id = '${broken}') EXECUTE FUNCTION refuse()`,
  );
  try {
    const round = keepUp({ ...options, logger, inboxDays: 30 }, signal);
    await expect(round).rejects.toMatchObject({ code: '57014' });
  } finally {
    await admin.query('DROP FUNCTION refuse CASCADE');
  }
  expect((await marks(beside)).rowCount).toBe(0);
  expect((await marks(broken)).rowCount).toBe(calls + 1);
});

describe('records of which nothing was stated', () => {
  const conversations = `kind = 'conversation' AND tenant_id = $1`;
  const count = async () => {
    const { rows } = await database.admin.query(
      `SELECT count(*)::int AS stated, count(DISTINCT statement ->> 'occurred_at')::int AS times FROM fact_current
       WHERE ${conversations} AND basis = 'created'`,
      [tenantId],
    );
    return rows;
  };

  it('since an older release wrote them are stated by when they began, and once', async () => {
    const before = await count();
    await database.admin.query(`DELETE FROM outbox WHERE ${conversations}`, [tenantId]);
    await database.admin.query(`DELETE FROM fact_current WHERE ${conversations}`, [tenantId]);
    await database.admin.query('UPDATE conversations SET began_at = NULL WHERE tenant_id = $1', [tenantId]);
    await keepUp({ ...options, logger, inboxDays: 30 }, signal);
    expect(await count()).toEqual([{ stated: 0, times: 0 }]);
    await keepUp({ ...options, logger, inboxDays: 30 }, signal, true);
    expect(await count()).toEqual(before);
    expect(before).toEqual([{ stated: calls, times: calls }]);
    expect(await sums()).toMatchObject([{ day: '2026-11-21', told: statements, stated: statements }]);
    expect(await stateUnstated(options, tenantId, signal)).toBe(0);
  });
});

describe('other business hours', () => {
  it('make again what knows them, and nothing else', async () => {
    await database.admin.query(
      `UPDATE tenants SET business_hours = '{"6": [["02:00", "02:30"]]}' WHERE id = $1`,
      [tenantId],
    );
    expect(await restateOlder(options, tenantId, signal)).toBe(calls);
    expect(await restateOlder(options, tenantId, signal)).toBe(0);
    expect(await sums()).toMatchObject([{ told: statements, stated: statements }]);
  });
});

describe('marks of events that were taken', () => {
  it('are removed when nobody repeats those events any more, and no earlier', async () => {
    const age = (days: number, most: number) =>
      database.admin.query(
        `UPDATE inbox SET created_at = now() - make_interval(days => $2) WHERE tenant_id = $1
         AND event_id IN (SELECT event_id FROM inbox WHERE tenant_id = $1 AND created_at > now() - interval '1 day' LIMIT $3)`,
        [tenantId, days, most],
      );
    await age(31, 100);
    await age(29, 50);
    await keepUp({ ...options, logger, inboxDays: 30 }, signal);
    const { rows } = await database.admin.query('SELECT count(*) FROM inbox WHERE tenant_id = $1', [
      tenantId,
    ]);
    expect(rows).toEqual([{ count: calls - 100 }]);
  });
});

describe('the upkeep', () => {
  it('goes on by itself until it is stopped, and after a round that failed', async () => {
    const metrics = createMetrics('sink-postgres');
    await database.admin.query('ALTER TABLE tenants RENAME TO tenants_away');
    const upkeep = startUpkeep({ ...options, logger, metrics, everyMs: 10, inboxDays: 30 });
    const render = async () => (await metrics.render()).body;
    const before = await render();
    await expect
      .poll(async () => firing('StateNotKeptUp', { before, now: await render() }))
      .toMatchObject([{ labels: { service: 'sink-postgres' } }]);
    await database.admin.query('ALTER TABLE tenants_away RENAME TO tenants');
    await database.admin.query(`UPDATE tenants SET time_zone = 'Europe/London' WHERE id = $1`, [tenantId]);
    await expect.poll(recount, { timeout: 20_000 }).toMatchObject({ compared: calls, older: [] });
    const mended = await render();
    expect(firing('StateNotKeptUp', { before: mended, now: await render() })).toEqual([]);
    await upkeep.stop();
  });

  it('sweeps an hour after a sweep that failed, not with each round: all clinics are gone through', async () => {
    const { admin } = database;
    let ahead = 0;
    const metrics = createMetrics('sink-postgres');
    const render = async () => (await metrics.render()).body;
    const unstated = `kind = 'conversation' AND tenant_id = '${tenantId}'`;
    await admin.query(`DELETE FROM fact_current WHERE ${unstated}`);
    const stated = async () =>
      (await admin.query(`SELECT FROM fact_current WHERE ${unstated}`)).rowCount ?? 0;
    const failed: unknown[] = [];
    await admin.query('ALTER TABLE tenants RENAME TO tenants_away');
    const upkeep = startUpkeep({
      ...options,
      now: () => Date.now() + ahead,
      logger: createLogger({ service: 'test', level: 'warn' }, { write: (line) => void failed.push(line) }),
      metrics,
      everyMs: 10,
      inboxDays: 30,
    });
    await expect.poll(() => failed.length).toBeGreaterThan(0);
    await admin.query('ALTER TABLE tenants_away RENAME TO tenants');
    await admin.query(`UPDATE tenants SET time_zone = 'Europe/Paris' WHERE id = $1`, [tenantId]);
    await expect.poll(recount, { timeout: 20_000 }).toMatchObject({ compared: calls, older: [] });
    expect(await stated()).toBe(0);
    const before = await render();
    await expect
      .poll(async () => firing('StateNotKeptUp', { before, now: await render() }))
      .toMatchObject([{ labels: { service: 'sink-postgres' } }]);
    ahead = 3_600_000;
    await expect.poll(stated, { timeout: 20_000 }).toBe(2 * calls);
    await upkeep.stop();
    const swept = await render();
    expect(firing('StateNotKeptUp', { before: swept, now: await render() })).toEqual([]);
  });
});
