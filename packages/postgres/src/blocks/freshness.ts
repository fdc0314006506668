import type { Queryable } from '../pool.ts';

/** How far ClickHouse's numbers of one tenant go. */
export interface TenantFreshness {
  /** The tenant's watermark: its last block that ClickHouse is known to hold; 0 before the first. */
  block: number;
  doneAt: Date | null;
  /** Every fact committed before it is counted; null before the first drain of the shard. */
  asOf: Date | null;
  /** The epoch whose numbers are published: another one may have other numbers without a further block; 0 before the first. */
  epoch: number;
}

/** Reads it for the tenant of the open transaction. Read it before ClickHouse, so that it never promises too much. */
export async function readTenantFreshness(db: Queryable): Promise<TenantFreshness> {
  const { rows } = await db.query<{ block: number; done_at: Date | null; as_of: Date | null; epoch: number }>(
    'SELECT block, done_at, as_of, epoch FROM tenant_freshness()',
  );
  const [row] = rows;
  return {
    block: row?.block ?? 0,
    doneAt: row?.done_at ?? null,
    asOf: row?.as_of ?? null,
    epoch: row?.epoch ?? 0,
  };
}
