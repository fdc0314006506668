import { checkBlock } from '@switchboard/clickhouse/blocks/check-block';
import { SwitchboardError } from '@switchboard/platform';
import { type Block, finishBlock, readPayloads } from '@switchboard/postgres/blocks/blocks';
import type { Epoch } from '@switchboard/postgres/blocks/epochs';
import type { BlockWork } from './dependencies.ts';

/**
 * Inserts a block into the current epoch and marks it done. The connection holds the shard's lock.
 * @param again whether it may have been inserted before: then it is inserted once more and checked
 * @throws SwitchboardError `block_damaged` when ClickHouse does not hold it as it should: only a rebuild mends that
 */
export async function applyBlock(work: BlockWork, epoch: Epoch, block: Block, again: boolean): Promise<void> {
  const { connection, clickhouse, onStep } = work;
  // The copy that the epoch began with holds it.
  if (epoch.cut !== null && block.number <= epoch.cut) return finishBlock(connection, block, epoch.epoch);
  const payloads = await readPayloads(connection, block);
  await onStep?.('inserting');
  for (const payload of payloads) {
    // After a freeze another holder may be far ahead, beyond what deduplication remembers.
    connection.assertAlive();
    const startedAt = performance.now();
    await work.inserter.insert(epoch.epoch, block, payload);
    work.onInsert?.((performance.now() - startedAt) / 1_000, payload.rows);
  }
  await onStep?.('inserted');
  if (again) {
    const faults = await checkBlock(clickhouse, epoch.epoch, { ...block, payloads });
    if (faults.length > 0) {
      work.logger.error({ block: block.number, faults }, 'a block in ClickHouse is not what was sent');
      throw new SwitchboardError('block_damaged', `block ${block.number} is not whole in ClickHouse`);
    }
    await onStep?.('checked');
  }
  await finishBlock(connection, block, epoch.epoch);
  await onStep?.('finished');
}
