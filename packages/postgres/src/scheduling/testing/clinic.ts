import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '@switchboard/testkit/database';
import { type Client, createPool, lockTenant, type Pool, withTenant } from '../../pool.ts';
import { loadTenantSettings, type TenantSettings } from '../../tenants.ts';
import type { ChangeContext } from '../change-context.ts';

/** A clinic in Kolkata with two practitioners, open each day from nine to five. */
export interface SchedulingClinic {
  tenantId: string;
  tenant: TenantSettings;
  locationId: string;
  /** Both of one department. */
  practitioners: [string, string];
  pool: Pool;
  /** Monday, 30 November 2026, 08:00 in the clinic, as Unix ms. */
  now: number;
  context(now?: number): ChangeContext;
  /** Runs as the API's role, in a transaction under the tenant's lock. */
  change<T>(work: (client: Client) => Promise<T>): Promise<T>;
  read<T>(work: (client: Client) => Promise<T>): Promise<T>;
  run<R extends Record<string, unknown>>(sql: string, values?: unknown[]): Promise<R[]>;
  addPatient(): Promise<string>;
}

export async function createSchedulingClinic(
  database: TestDatabase,
  connections = 8,
): Promise<SchedulingClinic> {
  const tenantId = await database.addTenant();
  const pool = createPool({
    url: database.urlAs('switchboard_api'),
    applicationName: 'test',
    max: connections,
    // Fifty at once wait for one after another, and the pool counts that as time to connect.
    connectTimeoutMs: 60_000,
  });
  const [locationId, department, first, second] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const run: SchedulingClinic['run'] = async <R extends Record<string, unknown>>(
    sql: string,
    values: unknown[] = [],
  ) => (await database.admin.query<R>(sql, [tenantId, ...values])).rows;
  await run(
    `INSERT INTO locations (tenant_id, id, name, time_zone) VALUES ($1, $2, 'Main', 'Asia/Kolkata')`,
    [locationId],
  );
  await run(`INSERT INTO departments (tenant_id, id, name) VALUES ($1, $2, 'General')`, [department]);
  for (const [id, name] of [
    [first, 'Dr. Rohan Mehta'],
    [second, 'Dr. Priya Nair'],
  ] as const) {
    await run(
      'INSERT INTO practitioners (tenant_id, id, display_name, department_id) VALUES ($1, $2, $3, $4)',
      [id, name, department],
    );
    await run(
      `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends)
       SELECT $1, gen_random_uuid(), $2, $3, weekday, '09:00', '17:00' FROM generate_series(1, 7) AS weekday`,
      [id, locationId],
    );
  }
  const tenant = (await loadTenantSettings(database.admin, [tenantId])).get(tenantId);
  if (!tenant) throw new Error('the tenant is there');
  const now = Date.parse('2026-11-30T08:00:00+05:30');
  return {
    tenantId,
    tenant,
    locationId,
    practitioners: [first, second],
    pool,
    now,
    context: (at = now) => ({
      tenant,
      pseudonymKey: Buffer.alloc(32, 1),
      actor: { kind: 'user', id: 'u1' },
      now: at,
    }),
    change: (work) =>
      withTenant(pool, tenantId, async (client) => {
        await lockTenant(client, tenantId);
        return work(client);
      }),
    read: (work) => withTenant(pool, tenantId, work),
    run,
    async addPatient() {
      const id = randomUUID();
      await run(`INSERT INTO patients (tenant_id, id, first_name, origin) VALUES ($1, $2, 'A', 'desk')`, [
        id,
      ]);
      return id;
    },
  };
}

/** Pairs of appointments that keep one practitioner's time at once: never any. */
export const overlapsSql = `
SELECT a.id, b.id AS other FROM appointments a JOIN appointments b ON b.tenant_id = a.tenant_id
  AND b.practitioner_id = a.practitioner_id AND b.id > a.id AND b.during && a.during
WHERE a.tenant_id = $1 AND NOT a.conflict AND NOT b.conflict
  AND a.status IN ('held', 'scheduled', 'confirmed', 'checked_in') AND b.status IN ('held', 'scheduled', 'confirmed', 'checked_in')`;
