import {
  createEpoch,
  dropEpoch,
  epochsWithTables,
  listEpochs,
  publishEpoch,
} from '@switchboard/clickhouse/migrate/epochs';
import { blocksAfter, listShards, readPayloads } from '@switchboard/postgres/blocks/blocks';
import {
  addEpoch,
  currentEpoch,
  listPostgresEpochs,
  setCut,
  setDropped,
  setPublished,
  switchEpoch,
} from '@switchboard/postgres/blocks/epochs';
import { lockShards, unlockShards } from '@switchboard/postgres/blocks/locks';
import { copyFacts } from '../copy-facts.ts';
import { makeCut } from '../cut.ts';
import type { MaintenanceWork } from '../dependencies.ts';
import { finishUndone, requireEpoch } from '../run-cycle.ts';

export interface RebuildResult {
  epoch: number;
  /** Rows copied from `fact_current`. */
  copied: number;
  /** Blocks inserted that were moved meanwhile. */
  blocks: number;
}

/**
 * Makes ClickHouse's tables anew while facts go on arriving: an epoch with fresh tables gets a copy of `fact_current`
 * at a cut, then every block since; when it stands where the outbox does, the public views are pointed at it. The
 * connection holds the rebuild lock. Broken off at any point, the next run drops what was begun and starts anew.
 */
export async function rebuild(work: MaintenanceWork, reason: string): Promise<RebuildResult> {
  const { connection, logger, onStep } = work;
  const startedAt = Date.now();
  await dropLeftovers(work);
  const epoch = await beginEpoch(work);
  logger.info({ epoch, reason }, 'rebuild begins');
  await onStep?.('rebuild-created');
  const { cut, copied } = await copyAtCut(work, epoch);
  await onStep?.('rebuild-copied');
  const shards = await listShards(connection);
  const done = new Map(shards.map((shard) => [shard, cut]));
  let blocks = await applySince(work, epoch, shards, done);
  await onStep?.('rebuild-caught-up');

  await lockShards(connection, shards, work.signal);
  try {
    // What was moved between the last look and the locks; nothing can be moved now.
    blocks += await applySince(work, epoch, shards, done);
    await connection.transaction('BEGIN', () => switchEpoch(connection, epoch));
    await onStep?.('rebuild-switched');
    await publish(work, epoch);
    await onStep?.('rebuild-published');
    const current = await requireEpoch(work);
    for (const shard of shards) await finishUndone(work, current, shard);
  } finally {
    await unlockShards(connection, shards).catch(() => undefined);
  }
  await dropLeftovers(work);
  await onStep?.('rebuild-dropped');
  logger.info({ epoch, copied, blocks, ms: Date.now() - startedAt }, 'rebuild is done');
  return { epoch, copied, blocks };
}

/** Points the public views at the current epoch. Also what each worker does first, should this have been left undone. */
export async function publish(work: MaintenanceWork, epoch: number): Promise<void> {
  // Another session may have gone further meanwhile, and its views must stay.
  work.connection.assertAlive();
  await publishEpoch(work.clickhouse, epoch);
  await setPublished(work.connection, epoch);
}

/**
 * Drops the tables of every epoch but the current one: broken-off and retired ones. The connection holds the rebuild
 * lock, so none of them is being built. Before the first epoch is known, nothing is dropped.
 */
export async function dropLeftovers(work: MaintenanceWork): Promise<void> {
  const { connection, clickhouse } = work;
  const current = await currentEpoch(connection);
  if (!current?.published) return;
  for (const epoch of await epochsWithTables(clickhouse)) {
    if (epoch === current.epoch) continue;
    // After a freeze the lock may be another's, and this the epoch that it builds.
    connection.assertAlive();
    await dropEpoch(clickhouse, epoch);
  }
  for (const { epoch, state } of await listPostgresEpochs(connection)) {
    if (state === 'building' || state === 'retired') await setDropped(connection, epoch);
  }
}

/** A number above all that either side ever saw. */
async function beginEpoch(work: MaintenanceWork): Promise<number> {
  const { connection, clickhouse } = work;
  const known = [
    ...(await listPostgresEpochs(connection)).map(({ epoch }) => epoch),
    ...(await listEpochs(clickhouse)).map(({ epoch }) => epoch),
    ...(await epochsWithTables(clickhouse)),
  ];
  const epoch = Math.max(0, ...known) + 1;
  await addEpoch(connection, await createEpoch(clickhouse, epoch, work.dedupWindow), 'building');
  return epoch;
}

async function copyAtCut(work: MaintenanceWork, epoch: number): Promise<{ cut: number; copied: number }> {
  const { connection, inserter, onStep } = work;
  const shards = await listShards(connection);
  await lockShards(connection, shards, work.signal);
  const cut = await makeCut(work, shards, (number) => setCut(connection, epoch, number)).finally(() =>
    unlockShards(connection, shards),
  );
  try {
    await onStep?.('rebuild-cut');
    const copied = await copyFacts(cut.reader, inserter, (name) => `${name}_e${epoch}`);
    return { cut: cut.number, copied };
  } finally {
    await cut.close();
  }
}

/** Inserts what was moved since, shard by shard. `done` holds the last number of each shard and is advanced. */
async function applySince(
  work: MaintenanceWork,
  epoch: number,
  shards: readonly number[],
  done: Map<number, number>,
): Promise<number> {
  const { connection, inserter } = work;
  let blocks = 0;
  for (const shard of shards) {
    for (;;) {
      const page = await blocksAfter(connection, shard, done.get(shard) ?? 0);
      if (page.length === 0) break;
      for (const block of page) {
        const payloads = await readPayloads(connection, block);
        connection.assertAlive();
        for (const payload of payloads) await inserter.insert(epoch, block, payload);
        done.set(shard, block.number);
        blocks += 1;
      }
    }
  }
  return blocks;
}
