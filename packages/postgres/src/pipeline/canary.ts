import { type Pool, type Queryable, withTenant } from '../pool.ts';

/** Makes the canary's clinic, unless it is there, and gives it this secret. */
export async function ensureCanary(db: Queryable, tenantId: string, sealed: Buffer): Promise<void> {
  await db.query('SELECT ensure_canary($1, $2)', [tenantId, sealed]);
}

/** The database's clock: marks of other processes are compared with it. */
export async function readClock(db: Queryable): Promise<Date> {
  const { rows } = await db.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]?.now ?? new Date(Number.NaN);
}

/** How far a canary's event is. */
export type CanaryStage = 'not taken' | 'taken' | 'visible';

/**
 * How far the event is that the canary's clinic was sent after an instant of the database's clock: `taken`, its effect is
 * committed; `visible`, a block of then or later with facts of the clinic is done.
 */
export function canaryStage(pool: Pool, tenantId: string, since: Date): Promise<CanaryStage> {
  return withTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ taken: boolean; visible: boolean }>(
      `SELECT t.at IS NOT NULL AS taken, EXISTS (SELECT FROM blocks b
         WHERE b.state = 'done' AND b.done_at >= t.at AND b.created_at >= t.at AND $1 = ANY (b.tenants)) AS visible
       FROM (SELECT min(created_at) AS at FROM inbox WHERE tenant_id = $1 AND created_at >= $2) t`,
      [tenantId, since],
    );
    const [row] = rows;
    if (row?.visible) return 'visible';
    return row?.taken ? 'taken' : 'not taken';
  });
}
