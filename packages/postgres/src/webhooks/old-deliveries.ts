import type { Queryable } from '../pool.ts';

/** Clinics with holds that were over, or deliveries that were written, before these instants. */
export async function tenantsToTidy(
  db: Queryable,
  holdsBefore: Date,
  deliveriesBefore: Date,
): Promise<string[]> {
  const { rows } = await db.query<{ tenant_id: string }>('SELECT tenant_id FROM tenants_to_tidy($1, $2)', [
    holdsBefore,
    deliveriesBefore,
  ]);
  return rows.map((row) => row.tenant_id);
}

/**
 * Removes deliveries written before an instant, whatever became of them, a bounded number at a time.
 * @returns how many; fewer than `most`: no more are left
 */
export async function removeOldDeliveries(
  client: Queryable,
  tenantId: string,
  before: Date,
  most: number,
): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND ctid = ANY (ARRAY (
       SELECT d.ctid FROM webhook_endpoints e JOIN webhook_deliveries d ON d.tenant_id = e.tenant_id AND d.endpoint_id = e.id
       WHERE e.tenant_id = $1 AND d.created_at < $2 LIMIT $3))`,
    [tenantId, before, most],
  );
  return rowCount ?? 0;
}
