import { randomUUID } from 'node:crypto';
import { SwitchboardError } from '@switchboard/platform';
import type { ClickHouse } from '../client.ts';
import { factTables } from '../facts/index.ts';
import { factPlaceholders, shapeOf, statementsOf } from './template.ts';

/** A generation of tables, as ClickHouse knows it. */
export interface EpochRecord {
  epoch: number;
  /** Made with the tables; see `clickhouse_epochs` in Postgres. */
  identity: string;
  /** Fingerprint of the tables' definition. */
  shape: string;
}

/** Fingerprint of the tables that this code makes. */
export const currentShape = shapeOf(factTables);

/** Entries of the deduplication window: at most 5 blocks a second make 10,000 more than half an hour. */
export const defaultDedupWindow = 10_000;

/** The epochs that were begun in this database, lowest first. */
export async function listEpochs(client: ClickHouse): Promise<EpochRecord[]> {
  return client.query<EpochRecord>(
    'SELECT epoch, identity, shape FROM switchboard_epochs ORDER BY epoch, created_at LIMIT 1 BY epoch',
  );
}

/** The epoch that the public views stand at; undefined before the first. */
export async function publishedEpoch(client: ClickHouse): Promise<number | undefined> {
  const name = factTables[0]?.name ?? '';
  const [view] = await client.query<{ sql: string }>(
    'SELECT create_table_query AS sql FROM system.tables WHERE database = {database:String} AND name = {name:String}',
    { database: client.database, name },
  );
  const epoch = view?.sql.match(new RegExp(`\\b${name}_e(\\d+)\\b`))?.[1];
  return epoch === undefined ? undefined : Number(epoch);
}

/**
 * Makes the tables of an epoch, all empty, and records them.
 * @returns its record; that of the first making when the epoch is there already
 */
export async function createEpoch(
  client: ClickHouse,
  epoch: number,
  dedupWindow = defaultDedupWindow,
): Promise<EpochRecord> {
  for (const fact of factTables) {
    const placeholders = { ...factPlaceholders(fact), epoch: String(epoch), window: String(dedupWindow) };
    for (const statement of statementsOf('0002_epoch_tables', placeholders)) await client.command(statement);
  }
  // The record comes last: an epoch that has one has all its tables.
  const find = async () => (await listEpochs(client)).find((record) => record.epoch === epoch);
  const known = await find();
  if (known) return known;
  await client.command(
    'INSERT INTO switchboard_epochs (epoch, identity, shape) VALUES ({epoch:UInt32}, {identity:UUID}, {shape:String})',
    { epoch, identity: randomUUID(), shape: currentShape },
    { async_insert: 0 },
  );
  const made = await find();
  if (!made) throw new SwitchboardError('epoch_not_recorded', `epoch ${epoch} was not recorded`);
  return made;
}

/** Points the public views and those of the API at an epoch. */
export async function publishEpoch(client: ClickHouse, epoch: number): Promise<void> {
  for (const fact of factTables) {
    const placeholders = {
      ...factPlaceholders(fact),
      epoch: String(epoch),
      // INVOKER: row policies of the reader bind.
      invoker: 'SQL SECURITY INVOKER',
      definer: 'DEFINER = CURRENT_USER SQL SECURITY DEFINER',
    };
    for (const statement of statementsOf('0003_views', placeholders)) await client.command(statement);
  }
}

/** The epochs that have tables in this database, recorded or not. */
export async function epochsWithTables(client: ClickHouse): Promise<number[]> {
  const rows = await client.query<{ epoch: number }>(
    `SELECT DISTINCT toUInt32(extract(name, '_e(\\d+)$')) AS epoch FROM system.tables
     WHERE database = {database:String} AND match(name, '_e\\d+$') ORDER BY epoch`,
    { database: client.database },
  );
  return rows.map((row) => row.epoch);
}

/** Removes the tables of an epoch; its record stays, so that its number is not used again. */
export async function dropEpoch(client: ClickHouse, epoch: number): Promise<void> {
  const tables = await client.query<{ name: string }>(
    `SELECT name FROM system.tables
     WHERE database = {database:String} AND match(name, {pattern:String})
     ORDER BY engine != 'MaterializedView', name`,
    { database: client.database, pattern: `_e${epoch}$` },
  );
  for (const { name } of tables) await client.command(`DROP TABLE IF EXISTS ${name}`);
}
