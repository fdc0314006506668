import type { Queryable } from '../pool.ts';

/** How far a shard's facts are on their way to ClickHouse. */
export interface ShardProgress {
  shard: number;
  /** Blocks that ClickHouse is not known to hold. */
  openBlocks: number;
  /** Age of the oldest row in the outbox; null: it is empty. */
  oldestRowSeconds: number | null;
  /** Every fact committed before it is in ClickHouse. */
  asOf: Date | null;
  /** Rows of blocks that were done in the last minute, per second. */
  rowsPerSecond: number;
}

/** Events of a clinic that were set aside and are still to be decided on. */
export interface OpenDeadLetters {
  stage: string;
  reason: string;
  count: number;
  firstAt: Date;
  lastAt: Date;
}

/** Reads every shard's progress, as the API. */
export async function readShardProgress(db: Queryable): Promise<ShardProgress[]> {
  const { rows } = await db.query<{
    shard: number;
    open_blocks: number;
    oldest_row_seconds: number | null;
    as_of: Date | null;
    rows_per_second: number;
  }>('SELECT shard, open_blocks, oldest_row_seconds, as_of, rows_per_second FROM pipeline_shards()');
  return rows.map((row) => ({
    shard: row.shard,
    openBlocks: row.open_blocks,
    oldestRowSeconds: row.oldest_row_seconds,
    asOf: row.as_of,
    rowsPerSecond: row.rows_per_second,
  }));
}

/** A clinic's open dead letters by stage and reason, most first. */
export async function countOpenDeadLetters(db: Queryable, tenantId: string): Promise<OpenDeadLetters[]> {
  const { rows } = await db.query<{
    stage: string;
    reason: string;
    count: number;
    first_at: Date;
    last_at: Date;
  }>(
    `SELECT stage, reason, count(*)::int AS count, min(first_at) AS first_at, max(last_at) AS last_at
     FROM dead_letters WHERE tenant_id = $1 AND state = 'open'
     GROUP BY stage, reason ORDER BY count(*) DESC, stage, reason`,
    [tenantId],
  );
  return rows.map(({ first_at: firstAt, last_at: lastAt, ...row }) => ({ ...row, firstAt, lastAt }));
}
