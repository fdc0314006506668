import type { Queryable } from '../pool.ts';

/**
 * Removes holds of the open transaction's tenant that were over before an instant, with their history. No fact is stated
 * of a hold, so none changes. The caller holds the tenant's lock, so that none becomes a booking meanwhile.
 * @returns how many
 */
export async function removeOldHolds(client: Queryable, tenantId: string, before: Date): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM appointments WHERE tenant_id = $1 AND status = 'held' AND hold_expires_at < $2`,
    [tenantId, before],
  );
  return rowCount ?? 0;
}
