import { recordEvent } from '@switchboard/domain/records/testing/record-factories';
import { createPool } from '@switchboard/postgres';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { openRecordStand, type RecordStand } from './records/testing/record-stand.ts';
import { restateOwned, stateUnstated } from './restate.ts';

const { signal } = new AbortController();
const appointments = 410;
const journeys = 110;
/** An appointment states itself by its start and by its creation; a journey once, and its step once. */
const statements = 2 * appointments + 2 * journeys;
const mostInTransaction = 20;

let stand: RecordStand;
let tenant: TenantSettings;
let told = 0;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});
afterAll(() => stand.close());

/** What the clinic's system says of its one practitioner. */
const tell = (practitioner: object) => {
  told += 1;
  return stand.write(
    tenant,
    recordEvent('practitioner.upserted', 'D-1', {
      tenant_id: tenant.tenantId,
      occurred_at: Date.parse('2026-11-20T05:00:00Z') + told * 1_000,
      practitioner: { name: 'Mehta', department: 'Heart', active: true, ...practitioner },
    }),
  );
};

beforeEach(async () => {
  tenant = await stand.newTenant();
  await tell({});
  await stand.rows(
    `INSERT INTO appointments (tenant_id, id, practitioner_id, status, starts_at, ends_at, conflict, channel)
     SELECT $1, gen_random_uuid(), p.id, 'scheduled', at, at + interval '10 minutes', true, 'desk'
     -- Three each begin at one instant.
     FROM practitioners p, generate_series(1, ${appointments}) n, LATERAL (SELECT '2027-01-04T04:00:00Z'::timestamptz + n / 3 * interval '1 hour' AS at) a
     WHERE p.tenant_id = $1`,
    tenant,
  );
  await stand.rows(
    `WITH made AS (
       INSERT INTO journeys (tenant_id, id, practitioner_id, journey_type, status, started_at)
       SELECT $1, gen_random_uuid(), p.id, 'recall', 'active', '2026-11-20T05:00:00Z'
       FROM practitioners p, generate_series(1, ${journeys}) WHERE p.tenant_id = $1 RETURNING id)
     INSERT INTO journey_steps (tenant_id, id, journey_id, name, due_at)
     SELECT $1, gen_random_uuid(), id, 'S', '2026-12-20T05:00:00Z' FROM made`,
    tenant,
  );
  await stateUnstated(stand.options, tenant.tenantId, signal);
  await stand.rows('DELETE FROM outbox WHERE tenant_id = $1', tenant);
});

/** How many statements name which department; how many lines the outbox has in one transaction at most. */
async function stated() {
  const departments = await stand.rows(
    `SELECT d.name, count(*)::int AS n FROM fact_current f
     JOIN departments d ON d.tenant_id = $1 AND d.id = (f.statement ->> 'department_id')::uuid
     WHERE f.tenant_id = $1 GROUP BY 1`,
    tenant,
  );
  return Object.fromEntries(departments.map(({ name, n }) => [name, n]));
}

/** What is left to the upkeep, as the recounts list it. */
const left = {
  appointment: { differences: [], older: [{ version: 0, statements: 2 * appointments }] },
  journey: { differences: [], older: [{ version: 0, statements: journeys }] },
  journey_step: { differences: [], older: [{ version: 0, statements: journeys }] },
};

/** What is told that is not stated, or the reverse, by department. */
const imbalance = () =>
  stand.rows(
    `SELECT line::jsonb ->> 'department_id' AS department, sum(sign)::int AS sum FROM outbox WHERE tenant_id = $1
     GROUP BY 1 HAVING sum(sign) <> 0 ORDER BY 2`,
    tenant,
  );

describe('a practitioner with many appointments', () => {
  it('who moves to another department, not one who is renamed, is stated in pages, and counts as older until then', async () => {
    await tell({ name: 'Mehta-Rao' });
    expect(await stand.drift(tenant)).toEqual({});
    await tell({ department: 'Skin' });
    expect(await stand.rows('SELECT FROM outbox WHERE tenant_id = $1', tenant)).toEqual([]);
    expect(await stand.drift(tenant)).toEqual(left);

    expect(await restateOwned(stand.options, tenant.tenantId, signal)).toBe(appointments + journeys);
    const [pages] = await stand.rows(
      `SELECT count(*)::int AS pages, max(n)::int AS most FROM
         (SELECT count(DISTINCT line::jsonb ->> coalesce(CASE kind WHEN 'journey_step' THEN 'journey_id' END, 'entity_id')) AS n
          FROM outbox WHERE tenant_id = $1 GROUP BY xid) x`,
      tenant,
    );
    expect(pages).toEqual({
      pages: Math.ceil(appointments / mostInTransaction) + Math.ceil(journeys / mostInTransaction),
      most: mostInTransaction,
    });
    expect(await stated()).toEqual({ Skin: statements });
    expect(await stand.drift(tenant)).toEqual({});
    expect((await imbalance()).map(({ sum }) => sum)).toEqual([-statements, statements]);
    expect(await restateOwned(stand.options, tenant.tenantId, signal)).toBe(0);
  });

  it('is stated to the end though the process dies between pages, twice at once, and moved back meanwhile', async () => {
    await tell({ department: 'Skin' });
    const pool = createPool({
      url: stand.database.urlAs('switchboard_sink'),
      applicationName: 'dying-sink',
      onError: () => undefined,
    });
    let pages = 0;
    const dying = new Proxy(pool, {
      get: (target, name) => {
        if (name !== 'connect') return Reflect.get(target, name, target);
        return async () => {
          const client = await target.connect();
          pages += 1;
          if (pages === 10)
            await stand.database.admin.query(
              `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dying-sink'`,
            );
          return client;
        };
      },
    });
    await expect(restateOwned({ ...stand.options, pool: dying }, tenant.tenantId, signal)).rejects.toThrow();
    await pool.end();
    const half = await stated();
    expect(half.Skin).toBeGreaterThan(0);
    expect(half.Skin).toBeLessThan(statements);
    expect(await stand.drift(tenant)).toEqual(left);

    // Back again: the newest still say what holds now, the oldest do not.
    await tell({ department: 'Heart' });
    const both = [1, 2].map(() => restateOwned(stand.options, tenant.tenantId, signal));
    expect((await Promise.all(both)).reduce((sum, n) => sum + n)).toBe(appointments + journeys);
    expect(await stated()).toEqual({ Heart: statements });
    expect(await imbalance()).toEqual([]);
    expect(await stand.drift(tenant)).toEqual({});
  });
});
