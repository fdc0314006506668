import { type ClickHouse, createClickHouse } from '../client.ts';
import {
  createEpoch,
  createMissingViews,
  currentShape,
  defaultDedupWindow,
  listEpochs,
  viewEpochs,
} from './epochs.ts';
import { stateStatements } from './statements.ts';

export interface MigrateClickHouseOptions {
  url: string;
  user?: string;
  password?: string;
  database: string;
  /** As `ClickHouseOptions.caFile`. */
  caFile?: string;
  /** As `ClickHouseOptions.cluster`. */
  cluster?: string;
  /** Of the first tables; later epochs are made by a rebuild. */
  epoch?: number;
  /** Inserts that deduplication remembers, of the tables made now. */
  dedupWindow?: number;
}

/**
 * Makes the database, its first tables and its views. Running it again, or twice at once, changes nothing. Tables of
 * another shape than this code's stay, and so do views that are there: the block worker, which holds the rebuild's
 * lock, replaces them.
 * @returns the epoch that the public views stand at
 */
export async function migrateClickHouse(options: MigrateClickHouseOptions): Promise<number> {
  const { url, user, password, database, caFile, cluster } = options;
  const { epoch = 1, dedupWindow = defaultDedupWindow } = options;
  const client = createClickHouse({ url, user, password, caFile, database, cluster });
  try {
    await makeState(client);
    return await firstEpoch(client, epoch, dedupWindow);
  } finally {
    await client.close();
  }
}

/**
 * Makes the database and what it knows about itself, unless they are there. An empty ClickHouse is then told from one
 * that was prepared, and everything else in it can be made by a rebuild.
 */
export async function makeState(client: ClickHouse): Promise<void> {
  await client.createDatabase();
  for (const statement of stateStatements(client.cluster)) await client.command(statement);
}

async function firstEpoch(client: ClickHouse, wanted: number, dedupWindow: number): Promise<number> {
  const [published] = (await viewEpochs(client)).values();
  const epochs = await listEpochs(client);
  // Views missing though epochs are there: the very first run ended between the two, or somebody dropped them.
  const epoch = published ?? epochs[0]?.epoch ?? wanted;
  const record =
    epochs.find((known) => known.epoch === epoch) ?? (await createEpoch(client, epoch, dedupWindow));
  if (record.shape === currentShape) await createMissingViews(client, epoch);
  return epoch;
}
