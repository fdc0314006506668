import type { Queryable } from '../pool.ts';

/**
 * Removes a tenant's rows of before an instant, a bounded number at a time: marks of events that were taken (`inbox`), or
 * what was told of messages that never came (`told_messages`).
 * @returns how many; fewer than `most`: no more are left
 */
export async function removeOlder(
  client: Queryable,
  tenantId: string,
  table: 'inbox' | 'told_messages',
  before: Date,
  most: number,
): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM ${table} WHERE tenant_id = $1 AND ctid = ANY (ARRAY (
       SELECT ctid FROM ${table} WHERE tenant_id = $1 AND created_at < $2 LIMIT $3))`,
    [tenantId, before, most],
  );
  return rowCount ?? 0;
}
