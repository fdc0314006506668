import { type ClickHouse, createClickHouse } from '../client.ts';
import {
  createEpoch,
  currentShape,
  defaultDedupWindow,
  listEpochs,
  publishEpoch,
  publishedEpoch,
} from './epochs.ts';
import { statementsOf } from './template.ts';

export interface MigrateClickHouseOptions {
  url: string;
  user?: string;
  password?: string;
  database: string;
  /** As `ClickHouseOptions.caFile`. */
  caFile?: string;
  /** Of the first tables; later epochs are made by a rebuild. */
  epoch?: number;
  /** `non_replicated_deduplication_window` of the tables made now. */
  dedupWindow?: number;
}

/**
 * Makes the database, its first tables and its views. Running it again, or twice at once, changes nothing. Tables of
 * another shape than this code's stay, and so do their views: the block worker replaces them by a rebuild.
 * @returns the epoch that the public views stand at
 */
export async function migrateClickHouse(options: MigrateClickHouseOptions): Promise<number> {
  const { url, user, password, database, caFile, epoch = 1, dedupWindow = defaultDedupWindow } = options;
  const outside = createClickHouse({ url, user, password, caFile, database: 'default' });
  try {
    await outside.command(`CREATE DATABASE IF NOT EXISTS {database:Identifier}`, { database });
  } finally {
    await outside.close();
  }
  const client = createClickHouse({ url, user, password, caFile, database });
  try {
    for (const statement of statementsOf('0001_state')) await client.command(statement);
    return await firstEpoch(client, epoch, dedupWindow);
  } finally {
    await client.close();
  }
}

async function firstEpoch(client: ClickHouse, wanted: number, dedupWindow: number): Promise<number> {
  const published = await publishedEpoch(client);
  const epochs = await listEpochs(client);
  // Views missing though epochs are there: the very first run ended between the two, or somebody dropped them.
  const epoch = published ?? epochs[0]?.epoch ?? wanted;
  const record =
    epochs.find((known) => known.epoch === epoch) ?? (await createEpoch(client, epoch, dedupWindow));
  if (record.shape === currentShape) await publishEpoch(client, epoch);
  return epoch;
}
