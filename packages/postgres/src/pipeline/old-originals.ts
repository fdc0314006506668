import type { Queryable } from '../pool.ts';

/** Whose dead letters were put back or given up before then and still have their originals; null: of no clinic. */
export async function tenantsWithOldOriginals(db: Queryable, before: Date): Promise<(string | null)[]> {
  const { rows } = await db.query<{ tenant_id: string | null }>(
    'SELECT tenant_id FROM tenants_with_old_originals($1)',
    [before],
  );
  return rows.map(({ tenant_id }) => tenant_id);
}

/**
 * Removes originals of dead letters that were put back or given up before then. Their rows stay, without bytes.
 * @param tenantId the open transaction's; null: of no clinic
 * @returns how many
 */
export async function removeOldOriginals(
  db: Queryable,
  tenantId: string | null,
  before: Date,
  most: number,
): Promise<number> {
  const { rowCount } = await db.query(
    `UPDATE dead_letters SET sealed = '' WHERE id IN (
       SELECT id FROM dead_letters WHERE tenant_id IS NOT DISTINCT FROM $1 AND state IN ('replayed', 'discarded')
         AND octet_length(sealed) > 0 AND greatest(replayed_at, discarded_at) < $2
       LIMIT $3 FOR UPDATE SKIP LOCKED)`,
    [tenantId, before, most],
  );
  return rowCount ?? 0;
}
