import { SwitchboardError } from '@switchboard/platform';
import type { Queryable } from '../pool.ts';

/** A generation of ClickHouse's tables, as Postgres remembers it. */
export interface Epoch {
  epoch: number;
  state: 'building' | 'current' | 'retired' | 'dropped';
  /** Made with the tables; see the table's comment. */
  identity: string;
  shape: string;
  /** Blocks up to this one are in the copy it began with; null before the cut. */
  cut: number | null;
  published: boolean;
}

const columns = 'epoch, state, identity, shape, cut, published';

/** The epoch to insert into; undefined before the first. */
export async function currentEpoch(db: Queryable): Promise<Epoch | undefined> {
  const { rows } = await db.query<Epoch>(`SELECT ${columns} FROM clickhouse_epochs WHERE state = 'current'`);
  return rows[0];
}

/** All epochs ever, lowest first. */
export async function listPostgresEpochs(db: Queryable): Promise<Epoch[]> {
  const { rows } = await db.query<Epoch>(`SELECT ${columns} FROM clickhouse_epochs ORDER BY epoch`);
  return rows;
}

/**
 * Remembers tables that were just made: as the current epoch when there is none yet and no block was ever made (so
 * that empty tables are right), else as one that is being built.
 */
export async function addEpoch(
  db: Queryable,
  epoch: Pick<Epoch, 'epoch' | 'identity' | 'shape'>,
  state: 'building' | 'current',
): Promise<void> {
  await db.query(
    'INSERT INTO clickhouse_epochs (epoch, state, identity, shape, published) VALUES ($1, $2, $3, $4, $5)',
    [epoch.epoch, state, epoch.identity, epoch.shape, state === 'current'],
  );
}

/** Says in the transaction of a cut what the copy will hold. */
export async function setCut(db: Queryable, epoch: number, cut: number): Promise<void> {
  await db.query(`UPDATE clickhouse_epochs SET cut = $2, updated_at = now() WHERE epoch = $1`, [epoch, cut]);
}

/**
 * Makes a built epoch the current one. The caller holds all shards' locks, has inserted every block after the cut into
 * it, and gives one transaction.
 */
export async function switchEpoch(db: Queryable, epoch: number): Promise<void> {
  await db.query(
    `UPDATE clickhouse_epochs SET state = 'retired', updated_at = now() WHERE state = 'current'`,
  );
  const { rowCount } = await db.query(
    `UPDATE clickhouse_epochs SET state = 'current', updated_at = now()
     WHERE epoch = $1 AND state = 'building' AND cut IS NOT NULL`,
    [epoch],
  );
  if (rowCount !== 1)
    throw new SwitchboardError('epoch_not_ready', `epoch ${epoch} is not one that was built`);
}

/** Remembers that the public views stand at the epoch. */
export async function setPublished(db: Queryable, epoch: number): Promise<void> {
  await db.query('UPDATE clickhouse_epochs SET published = true, updated_at = now() WHERE epoch = $1', [
    epoch,
  ]);
}

/** Remembers that the tables of an epoch are gone. */
export async function setDropped(db: Queryable, epoch: number): Promise<void> {
  await db.query(
    `UPDATE clickhouse_epochs SET state = 'dropped', updated_at = now() WHERE epoch = $1 AND state IN ('building', 'retired')`,
    [epoch],
  );
}
