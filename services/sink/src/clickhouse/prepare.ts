import { ClickHouseRefusal, factTables, makeState } from '@switchboard/clickhouse';
import { highestBlock } from '@switchboard/clickhouse/blocks/check-block';
import {
  forgetMarks,
  markVerifiedSinceStart,
  wasVerifiedSinceStart,
} from '@switchboard/clickhouse/blocks/since-start';
import {
  currentShape,
  listEpochs,
  missingTables,
  publishedEpoch,
} from '@switchboard/clickhouse/migrate/epochs';
import { lastBlock } from '@switchboard/postgres/blocks/blocks';
import { addEpoch, currentEpoch } from '@switchboard/postgres/blocks/epochs';
import { lockRebuild, unlockRebuild } from '@switchboard/postgres/blocks/locks';
import type { BlockWork, MaintenanceWork } from './dependencies.ts';
import { dropLeftovers, publish, rebuild } from './rebuild/rebuild.ts';
import { compareWithStatements } from './verify/compare.ts';

/** Why ClickHouse's tables must be made anew. */
type Fault =
  | 'clickhouse_has_facts_of_another_postgres'
  | 'tables_are_not_ours'
  | 'tables_are_missing'
  | 'tables_have_another_shape'
  | 'clickhouse_is_ahead'
  | 'a_block_is_damaged'
  | 'drift';

export interface PrepareOptions {
  /** A cycle found a block that is not whole. */
  damaged?: boolean;
}

/**
 * Makes sure that ClickHouse is what Postgres thinks it is, before any block is inserted over a new connection or into
 * a restarted ClickHouse; rebuilds it where it is not. One session does this at a time, the others wait.
 * @throws SwitchboardError `stopping` when it waits and the work's signal comes
 */
export async function prepareClickHouse(work: MaintenanceWork, options: PrepareOptions = {}): Promise<void> {
  const { connection, clickhouse, logger, onStep } = work;
  const asked = options.damaged ? await currentEpoch(connection) : undefined;
  await makeState(clickhouse);
  await lockRebuild(connection, work.signal);
  try {
    const fault = await findFault(work);
    const current = await currentEpoch(connection);
    if (fault) await rebuild(work, fault);
    // Another session may have rebuilt while this one waited for the lock.
    else if (options.damaged && current?.epoch === asked?.epoch) await rebuild(work, 'a_block_is_damaged');
    await makePublic(work);
    await dropLeftovers(work);
    if (!(await wasVerifiedSinceStart(clickhouse))) {
      logger.info('ClickHouse was started since it was last verified, or somebody doubts it');
      await forgetMarks(clickhouse);
      await onStep?.('prepare-doubted');
      const report = await compareWithStatements(work);
      if (report.drift > 0) {
        logger.error({ findings: report.findings.slice(0, 20) }, 'ClickHouse differs from what was stated');
        await rebuild(work, 'drift' satisfies Fault);
        await onStep?.('prepare-mended');
      }
      await markVerifiedSinceStart(clickhouse);
    }
  } finally {
    await unlockRebuild(connection).catch(() => undefined);
  }
}

async function findFault(work: MaintenanceWork): Promise<Fault | undefined> {
  const { connection, clickhouse } = work;
  const current = await currentEpoch(connection);
  if (!current) return adopt(work);
  const record = (await listEpochs(clickhouse)).find(({ epoch }) => epoch === current.epoch);
  if (record?.identity !== current.identity) return 'tables_are_not_ours';
  if ((await missingTables(clickhouse, current.epoch)).length > 0) return 'tables_are_missing';
  if (record.shape !== currentShape) return 'tables_have_another_shape';
  // ClickHouse first: what Postgres says afterwards is at least as new, unless it lost something.
  const highest = await highestBlock(clickhouse, current.epoch, kinds);
  if (highest > (await lastBlock(connection))) return 'clickhouse_is_ahead';
  return undefined;
}

const kinds = factTables.map((fact) => fact.kind);

/** Takes the tables that the migration made as the first epoch, if both sides are new. */
async function adopt(work: MaintenanceWork): Promise<Fault | undefined> {
  const { connection, clickhouse } = work;
  const published = await publishedEpoch(clickhouse);
  const record = (await listEpochs(clickhouse)).find(({ epoch }) => epoch === published);
  if (!record || (await missingTables(clickhouse, record.epoch)).length > 0) return 'tables_are_not_ours';
  if (record.shape !== currentShape) return 'tables_are_not_ours';
  const isNew = (await lastBlock(connection)) === 0 && (await isEmpty(work, record.epoch));
  if (!isNew) return 'clickhouse_has_facts_of_another_postgres';
  await addEpoch(connection, record, 'current');
  // Empty tables and no block: there is nothing that a start could have lost.
  if (!(await wasVerifiedSinceStart(clickhouse))) await markVerifiedSinceStart(clickhouse);
  return undefined;
}

async function isEmpty(work: MaintenanceWork, epoch: number): Promise<boolean> {
  for (const fact of factTables) {
    const rows = await work.clickhouse.query(`SELECT 1 FROM ${fact.name}_e${epoch} LIMIT 1`);
    if (rows.length > 0) return false;
  }
  return true;
}

/**
 * Whether nothing happened to ClickHouse since {@link prepareClickHouse}: it was not started again or emptied, and each
 * of its public views stands at the current epoch. Cheap enough to ask each second.
 */
export async function isPrepared(work: BlockWork): Promise<boolean> {
  try {
    const [verified, published, current] = await Promise.all([
      wasVerifiedSinceStart(work.clickhouse),
      publishedEpoch(work.clickhouse),
      currentEpoch(work.connection),
    ]);
    return verified && current !== undefined && published === current.epoch;
  } catch (error) {
    if (error instanceof ClickHouseRefusal && error.isMissing) return false;
    throw error;
  }
}

/** Even where the views stand at the current epoch: their definition may be that of an older release. */
async function makePublic(work: MaintenanceWork): Promise<void> {
  const current = await currentEpoch(work.connection);
  if (current) await publish(work, current.epoch);
}
