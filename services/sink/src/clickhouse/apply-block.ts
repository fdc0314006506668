import { checkBlock } from '@switchboard/clickhouse/blocks/check-block';
import { markDoubtful } from '@switchboard/clickhouse/blocks/since-start';
import { SwitchboardError, sleep } from '@switchboard/platform';
import { type Block, finishBlock, type Payload, readPayloads } from '@switchboard/postgres/blocks/blocks';
import type { Epoch } from '@switchboard/postgres/blocks/epochs';
import type { BlockWork } from './dependencies.ts';

/** How often ClickHouse is told of a doubt when it doesn't answer; a minute in all. */
const doubtTries = 120;
const doubtRetryMs = 500;

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
  for (const payload of payloads) await insertAlive(work, epoch, block, payload);
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

async function insertAlive(work: BlockWork, epoch: Epoch, block: Block, payload: Payload): Promise<void> {
  const { connection, inserter, onStep } = work;
  // After a freeze another holder may be far ahead, beyond what deduplication remembers.
  connection.assertAlive();
  await onStep?.('sending');
  const startedAt = performance.now();
  try {
    await inserter.insert(epoch.epoch, block, payload);
  } catch (error) {
    await assertStillAlive(work, block);
    throw error;
  }
  await assertStillAlive(work, block);
  work.onInsert?.((performance.now() - startedAt) / 1_000, payload.rows);
}

/**
 * A freeze between the question and the bytes sent can't be prevented, so it is looked for afterwards: what was inserted
 * without the lock may have been inserted long before by another. ClickHouse is compared anew, and this process ends.
 * @throws SwitchboardError `lock_lost`
 */
async function assertStillAlive(work: BlockWork, block: Block): Promise<void> {
  try {
    work.connection.assertAlive();
  } catch (error) {
    work.logger.error(
      { block: block.number },
      'a block was inserted by a session that may have lost its lock',
    );
    for (let tries = 1; tries <= doubtTries; tries++) {
      const told = await markDoubtful(work.clickhouse).then(
        () => true,
        () => false,
      );
      if (told) break;
      await sleep(doubtRetryMs);
    }
    throw error;
  }
}
