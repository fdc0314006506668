import { SwitchboardError } from '@switchboard/platform';
import type { ClickHouse, Settings } from '../client.ts';
import type { FactTable } from '../facts/fact-table.ts';
import { factTables } from '../facts/index.ts';

/** One fact table's part of a block: JSON lines whose bytes never change. */
export interface BlockPayload {
  kind: string;
  rows: number;
  payload: string;
}

export interface BlockOfShard {
  shard: number;
  number: number;
}

export interface BlockInserter {
  /**
   * Inserts one payload of a block into an epoch's table. Doing it again, with the same bytes, counts nothing twice
   * as long as the table's deduplication window holds the block.
   * @throws SwitchboardError whatever the reason, unless ClickHouse answered that the rows are in
   */
  insert(epoch: number, block: BlockOfShard, payload: BlockPayload): Promise<void>;
  /** Inserts JSON lines into any table of the database, under a token when one is given. */
  insertLines(table: string, lines: string, token?: string): Promise<void>;
}

/**
 * Settings of every insert. A payload must become one block of ClickHouse, because the token is stretched over the
 * blocks of an insert by their position; so nothing may cut it: no parallel parsing, no limits it could reach.
 */
const insertSettings = {
  async_insert: 0,
  insert_deduplicate: 1,
  deduplicate_insert: 'enable',
  deduplicate_blocks_in_dependent_materialized_views: 1,
  materialized_views_ignore_errors: 0,
  // Errors come as the status of the answer, after the views have been written too.
  wait_end_of_query: 1,
  input_format_parallel_parsing: 0,
  max_insert_threads: '1',
  max_insert_block_size: '10000000',
  max_insert_block_size_bytes: '0',
  min_insert_block_size_rows: '0',
  min_insert_block_size_bytes: '0',
  use_strict_insert_block_limits: 0,
  input_format_max_block_size_bytes: '0',
  // A column that the table lacks would vanish without a word.
  input_format_skip_unknown_fields: 0,
  input_format_import_nested_json: 0,
  // A client frozen half way through its body must not finish the insert hours later.
  max_execution_time: 60,
} as const;

/**
 * In a cluster most replicas have a block before it counts as done, so that whoever goes on with another one finds it. Blocks of
 * several shards are inserted beside each other.
 */
const clusterSettings = {
  insert_quorum: 'auto',
  insert_quorum_parallel: 1,
  insert_quorum_timeout: '30000',
} as const;

/** For `npm run rebuild` and tests, which insert without a block. */
export function findFact(kind: string): FactTable {
  const fact = factTables.find((candidate) => candidate.kind === kind);
  if (!fact) throw new SwitchboardError('unknown_fact', `no fact table is known for kind ${kind}`);
  return fact;
}

/** Inserts blocks. Servers know different sets of settings, so this one is asked which of ours it has. */
export async function createBlockInserter(client: ClickHouse): Promise<BlockInserter> {
  const wanted = { ...insertSettings, ...(client.cluster === undefined ? {} : clusterSettings) };
  const rows = await client.query<{ name: string }>(
    'SELECT name FROM system.settings WHERE name IN {names:Array(String)}',
    { names: Object.keys(wanted) },
  );
  // It is of the HTTP interface, not of the engine, and not every server lists it.
  const known = new Set([...rows.map((row) => row.name), 'wait_end_of_query']);
  const settings: Settings = Object.fromEntries(Object.entries(wanted).filter(([name]) => known.has(name)));
  const insertLines = (table: string, lines: string, token?: string) =>
    client.insertBytes(`INSERT INTO ${table} FORMAT JSONEachRow`, lines, {
      ...settings,
      ...(token === undefined ? { insert_deduplicate: 0 } : { insert_deduplication_token: token }),
    });
  return {
    insertLines,
    insert: (epoch, { shard, number }, { kind, payload }) => {
      const { name } = findFact(kind);
      return insertLines(`${name}_e${epoch}`, payload, `${epoch}-${shard}-${number}-${name}`);
    },
  };
}
