import { SwitchboardError } from '@switchboard/platform';
import type { Queryable } from '../pool.ts';

/** An immutable set of facts on its way to ClickHouse. */
export interface Block {
  shard: number;
  number: number;
  /** Whose facts it holds. */
  tenants: string[];
  rows: number;
}

/** The lines of one kind of fact in a block, one JSON object each. */
export interface Payload {
  kind: string;
  rows: number;
  payload: string;
}

/** What a move did: `number` is null when the outbox was empty. */
export interface Moved {
  number: number | null;
  rows: number;
  /** Whether nothing that the move could see was left behind. */
  drained: boolean;
}

/** Rows that one block holds at most: some 30 MB, which ClickHouse takes in well under a second. */
const maxBlockRows = 20_000;

/** Moves outbox rows into a block, in one statement. The session must hold the shard's lock. */
export async function moveOutbox(db: Queryable, shard: number, limit = maxBlockRows): Promise<Moved> {
  const { rows } = await db.query<{ number: number | null; row_count: number; drained: boolean }>(
    'SELECT number, row_count, drained FROM move_outbox($1, $2)',
    [shard, limit],
  );
  const [row] = rows;
  if (!row) throw new SwitchboardError('move_failed', 'the move answered nothing');
  return { number: row.number, rows: row.row_count, drained: row.drained };
}

/** An event whose facts wait in the outbox. */
export interface OutboxTrace {
  eventId: string;
  tenantId: string;
  traceparent: string;
}

/** The events that the next move of the shard will take facts of. */
export async function outboxTraces(
  db: Queryable,
  shard: number,
  limit = maxBlockRows,
): Promise<OutboxTrace[]> {
  const { rows } = await db.query<{ event_id: string; tenant_id: string; traceparent: string }>(
    'SELECT event_id, tenant_id, traceparent FROM outbox_traces($1, $2)',
    [shard, limit],
  );
  return rows.map(({ event_id: eventId, tenant_id: tenantId, traceparent }) => ({
    eventId,
    tenantId,
    traceparent,
  }));
}

/** Blocks of a shard that ClickHouse is not known to hold, oldest first. */
export async function undoneBlocks(db: Queryable, shard: number): Promise<Block[]> {
  const { rows } = await db.query<Block>(
    `SELECT shard, number, tenants, rows FROM blocks WHERE shard = $1 AND state = 'moved' ORDER BY number`,
    [shard],
  );
  return rows;
}

/** Blocks of a shard above a number, oldest first. Only within a shard do blocks appear in the order of their numbers. */
export async function blocksAfter(
  db: Queryable,
  shard: number,
  number: number,
  limit = 200,
): Promise<Block[]> {
  const { rows } = await db.query<Block>(
    'SELECT shard, number, tenants, rows FROM blocks WHERE shard = $1 AND number > $2 ORDER BY number LIMIT $3',
    [shard, number, limit],
  );
  return rows;
}

/** @throws SwitchboardError `payload_gone` when they were removed, or are not all there */
export async function readPayloads(db: Queryable, block: Block): Promise<Payload[]> {
  const { rows } = await db.query<Payload>(
    'SELECT kind, rows, payload FROM block_payloads WHERE shard = $1 AND number = $2 ORDER BY kind',
    [block.shard, block.number],
  );
  if (rows.reduce((sum, payload) => sum + payload.rows, 0) !== block.rows)
    throw new SwitchboardError('payload_gone', `the payload of block ${block.number} is no longer there`);
  return rows;
}

/** Marks a block done in an epoch, raises its tenants' watermarks and notifies `switchboard_block_done`. */
export async function finishBlock(db: Queryable, block: Block, epoch: number): Promise<void> {
  await db.query('SELECT finish_block($1, $2, $3)', [block.shard, block.number, epoch]);
}

/** The highest block number that Postgres knows of; 0: none. */
export async function lastBlock(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ last: number }>(
    'SELECT coalesce(max(last_number), 0) AS last FROM block_shards',
  );
  return rows[0]?.last ?? 0;
}

/** All shards, those of tenants that have no block yet among them. */
export async function listShards(db: Queryable): Promise<number[]> {
  await db.query(
    'INSERT INTO block_shards (shard) SELECT DISTINCT shard FROM all_tenants() ON CONFLICT DO NOTHING',
  );
  const { rows } = await db.query<{ shard: number }>('SELECT shard FROM block_shards ORDER BY shard');
  return rows.map((row) => row.shard);
}

/** Whether there are shards besides these, as the open transaction sees it; {@link listShards} writes. */
export async function hasOtherShards(db: Queryable, shards: readonly number[]): Promise<boolean> {
  const { rows } = await db.query<{ others: boolean }>(
    `SELECT EXISTS (SELECT FROM (SELECT shard FROM block_shards UNION ALL SELECT shard FROM all_tenants()) s
       WHERE shard <> ALL ($1::int[])) AS others`,
    [shards],
  );
  return rows[0]?.others === true;
}

export interface ShardStatus {
  openBlocks: number;
  /** Age of the oldest row in the outbox; null: it is empty. */
  oldestRowSeconds: number | null;
  /** Every fact committed before it is in ClickHouse. */
  asOf: Date | null;
}

export async function shardStatus(db: Queryable, shard: number): Promise<ShardStatus> {
  const { rows } = await db.query<{
    open_blocks: number;
    oldest_row_seconds: number | null;
    as_of: Date | null;
  }>('SELECT open_blocks, oldest_row_seconds, as_of FROM shard_status($1)', [shard]);
  const [row] = rows;
  return {
    openBlocks: row?.open_blocks ?? 0,
    oldestRowSeconds: row?.oldest_row_seconds ?? null,
    asOf: row?.as_of ?? null,
  };
}

/**
 * Removes payloads of blocks done over an hour ago, and blocks done over a week ago. Not while an epoch is built: it
 * needs every payload since its cut.
 * @returns payloads removed
 */
export async function removeOldBlocks(db: Queryable): Promise<number> {
  const { rowCount } = await db.query(
    `DELETE FROM block_payloads p USING blocks b
     WHERE b.state = 'done' AND b.done_at < now() - interval '1 hour' AND p.shard = b.shard AND p.number = b.number
       AND NOT EXISTS (SELECT FROM clickhouse_epochs WHERE state = 'building')`,
  );
  await db.query(
    `DELETE FROM blocks WHERE state = 'done' AND done_at < now() - interval '7 days'
       AND NOT EXISTS (SELECT FROM clickhouse_epochs WHERE state = 'building')`,
  );
  return rowCount ?? 0;
}
