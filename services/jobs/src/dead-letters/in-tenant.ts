import { type Client, inTransaction, type Pool, withTenant } from '@switchboard/postgres';

/** In a transaction of one clinic, or of none. */
export function inTenant<T>(
  pool: Pool,
  tenantId: string | null,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  return tenantId === null ? inTransaction(pool, work) : withTenant(pool, tenantId, work);
}
