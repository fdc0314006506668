import { SwitchboardError } from '@switchboard/platform';
import { moveOutbox, undoneBlocks } from '@switchboard/postgres/blocks/blocks';
import { currentEpoch, type Epoch } from '@switchboard/postgres/blocks/epochs';
import { tryLockShard, unlockShard } from '@switchboard/postgres/blocks/locks';
import { applyBlock } from './apply-block.ts';
import type { BlockWork } from './dependencies.ts';

export interface CycleResult {
  /** Another worker has the shard just now. */
  busy: boolean;
  /** The outbox was not drained: a full block or more waits. */
  backlog: boolean;
  blocks: number;
  rows: number;
}

/** Blocks of one cycle: a long backlog lets others have the lock in between. */
const maxBlocksPerCycle = 20;

/**
 * One cycle of a shard: lock, finish undone blocks, move, insert, mark done, until the outbox is drained, unlock.
 * Nothing is inserted before the move is committed, so that whoever comes next finds the block.
 */
export async function runCycle(work: BlockWork, shard: number): Promise<CycleResult> {
  const { connection, onStep } = work;
  if (!(await tryLockShard(connection, shard))) return { busy: true, backlog: false, blocks: 0, rows: 0 };
  try {
    await onStep?.('locked');
    const epoch = await requireEpoch(work);
    let blocks = await finishUndone(work, epoch, shard);
    let rows = 0;
    let drained = false;
    while (blocks < maxBlocksPerCycle) {
      await work.trace?.moving(connection, shard);
      const moved = await moveOutbox(connection, shard);
      drained = moved.drained;
      if (moved.number === null) break;
      await onStep?.('moved');
      const fresh = await undoneBlocks(connection, shard);
      for (const block of fresh) await applyBlock(work, epoch, block, false);
      work.trace?.done(moved.number);
      blocks += 1;
      rows += moved.rows;
      if (drained) break;
    }
    return { busy: false, backlog: !drained, blocks, rows };
  } finally {
    // A connection that is gone has lost its lock with it.
    await unlockShard(connection, shard).catch(() => undefined);
  }
}

/** Finishes what another holder, or an unclear answer, left behind. @returns how many blocks */
export async function finishUndone(work: BlockWork, epoch: Epoch, shard: number): Promise<number> {
  const undone = await undoneBlocks(work.connection, shard);
  for (const block of undone) await applyBlock(work, epoch, block, true);
  return undone.length;
}

/** @throws SwitchboardError `no_epoch` when ClickHouse has no tables that Postgres knows of */
export async function requireEpoch(work: BlockWork): Promise<Epoch> {
  const epoch = await currentEpoch(work.connection);
  if (!epoch)
    throw new SwitchboardError('no_epoch', 'no epoch of ClickHouse is current', { retryable: true });
  if (!epoch.published)
    throw new SwitchboardError('epoch_unpublished', `epoch ${epoch.epoch} is not public yet`, {
      retryable: true,
    });
  return epoch;
}
