import { randomUUID } from 'node:crypto';
import { SwitchboardError } from '@switchboard/platform/errors';
import type { ClickHouse } from '../client.ts';
import type { FactTable } from '../facts/fact-table.ts';
import { factTables, jointRollups } from '../facts/index.ts';
import { epochStatements, viewStatements } from './statements.ts';
import { shapeOf } from './template.ts';

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

/** The public views: what people read, and what the API reads. */
export const viewNames: readonly string[] = [
  ...factTables.flatMap(({ name, rollup, kind }) => [
    name,
    ...sumsOf(rollup),
    ...['facts', 'daily', 'hourly'].map((what) => `api_${kind}_${what}`),
  ]),
  ...jointRollups.flatMap(({ rollup }) => sumsOf(rollup)),
];

/** The epochs that were begun in this database, lowest first. */
export async function listEpochs(client: ClickHouse): Promise<EpochRecord[]> {
  return client.query<EpochRecord>(
    'SELECT epoch, identity, shape FROM switchboard_epochs ORDER BY epoch, created_at LIMIT 1 BY epoch',
  );
}

/** The epoch that each public view reads; views that are not there are left out. */
export async function viewEpochs(client: ClickHouse): Promise<Map<string, number>> {
  const rows = await client.query<{ name: string; epoch: number }>(
    `SELECT name, toUInt32OrZero(extract(as_select, 'FROM [^ ]+_e(\\d+)')) AS epoch FROM system.tables
     WHERE database = {database:String} AND name IN {names:Array(String)} ORDER BY name`,
    { database: client.database, names: viewNames },
  );
  return new Map(rows.map(({ name, epoch }) => [name, epoch]));
}

/** Of each client: what the views were when their text was last read, and the epoch that they stood at. */
const lastRead = new WeakMap<ClickHouse, { made: string; epoch: number | undefined }>();

/**
 * The epoch that all public views stand at; undefined when one is missing or they differ. Asked each second: the text of
 * the views, which is long, is read again only when one was made since.
 */
export async function publishedEpoch(client: ClickHouse): Promise<number | undefined> {
  const made = await viewsMade(client);
  const known = lastRead.get(client);
  if (known?.made === made) return known.epoch;
  const views = await viewEpochs(client);
  const [epoch, ...others] = new Set(views.values());
  const published = others.length === 0 && views.size === viewNames.length ? epoch : undefined;
  lastRead.set(client, { made, epoch: published });
  return published;
}

/** Another text whenever a view was made, replaced or dropped: each has an id of its own. */
async function viewsMade(client: ClickHouse): Promise<string> {
  const rows = await client.query<{ name: string; uuid: string }>(
    `SELECT name, uuid FROM system.tables
     WHERE database = {database:String} AND name IN {names:Array(String)} ORDER BY name`,
    { database: client.database, names: viewNames },
  );
  return rows.map(({ name, uuid }) => `${name} ${uuid}`).join('\n');
}

/** The tables that an epoch should have in this database and has not. */
export async function missingTables(client: ClickHouse, epoch: number): Promise<string[]> {
  const names = factTables.flatMap(tablesOf).map((name) => `${name}_e${epoch}`);
  const rows = await client.query<{ name: string }>(
    'SELECT name FROM system.tables WHERE database = {database:String} AND name IN {names:Array(String)}',
    { database: client.database, names },
  );
  const present = new Set(rows.map(({ name }) => name));
  return names.filter((name) => !present.has(name));
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
  for (const statement of epochStatements(epoch, dedupWindow, client.cluster))
    await client.command(statement);
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

/** Points the public views and those of the API at an epoch. The caller holds the rebuild's lock. */
export async function publishEpoch(client: ClickHouse, epoch: number): Promise<void> {
  await makeViews(client, epoch, 'CREATE OR REPLACE VIEW');
}

/** Makes the public views that are not there, at an epoch; the others stay as they are. */
export async function createMissingViews(client: ClickHouse, epoch: number): Promise<void> {
  await makeViews(client, epoch, 'CREATE VIEW IF NOT EXISTS');
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

async function makeViews(client: ClickHouse, epoch: number, create: string): Promise<void> {
  for (const statement of viewStatements(epoch, create)) await client.command(statement);
}

function tablesOf({ name, rollup }: FactTable): string[] {
  const sums = sumsOf(rollup);
  return [name, ...sums, ...sums.map((table) => `mv_${table}`)];
}

function sumsOf(rollup: string): string[] {
  return [`${rollup}_daily`, `${rollup}_hourly`];
}
