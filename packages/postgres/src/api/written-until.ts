import { lockTenant, type Pool, withTenant } from '../pool.ts';

/**
 * An instant before which everything that was written of the tenant's appointments is committed, and so is seen by every
 * transaction that begins from now on; what is under way is later. Writers hold the tenant's lock, and their rows say when
 * they were written, not when their transaction began: so it is enough to have had the lock once, for a moment.
 * @returns RFC 3339 in UTC, to the microsecond
 */
export async function readWrittenUntil(pool: Pool, tenantId: string): Promise<string> {
  return withTenant(pool, tenantId, async (client) => {
    await lockTenant(client, tenantId);
    const { rows } = await client.query<{ instant: string }>(
      `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS instant`,
    );
    return rows[0]?.instant ?? '';
  });
}
