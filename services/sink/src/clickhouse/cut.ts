import { hasOtherShards, lastBlock, listShards, moveOutbox } from '@switchboard/postgres/blocks/blocks';
import { connectDirect, type DirectConnection } from '@switchboard/postgres/blocks/direct-connection';
import { lockShards } from '@switchboard/postgres/blocks/locks';
import type { MaintenanceWork } from './dependencies.ts';

/** A state of Postgres whose facts are exactly those of all blocks up to a number. */
export interface Cut {
  /** The last block before the cut. */
  number: number;
  /** In a transaction that sees Postgres as it was at the cut. */
  reader: DirectConnection;
  /** Ends that transaction. */
  close(): Promise<void>;
}

/**
 * Makes a cut. The work's connection holds the locks of all `shards`, taken by earlier statements, so that the
 * snapshot taken here sees every block that was moved before. All that it sees in the outbox goes into blocks; a
 * reader takes the same snapshot over before the commit.
 * @param shards those that are added meanwhile are locked, too, and added to it
 * @param also runs in the transaction of the cut
 */
export async function makeCut(
  work: MaintenanceWork,
  shards: number[],
  also?: (number: number) => Promise<void>,
): Promise<Cut> {
  const { connection } = work;
  const reader = await connectDirect({ url: work.databaseUrl, applicationName: 'switchboard-cut-reader' });
  const attempt = () =>
    connection.transaction('BEGIN ISOLATION LEVEL REPEATABLE READ', async () => {
      // Facts of a shard that nobody locked would be in the snapshot, and in a block after the cut once more.
      if (await hasOtherShards(connection, shards)) return undefined;
      for (const shard of shards) while (!(await moveOutbox(connection, shard)).drained);
      const last = await lastBlock(connection);
      await also?.(last);
      const { rows } = await connection.query<{ snapshot: string }>(
        'SELECT pg_export_snapshot() AS snapshot',
      );
      await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await reader.query(`SET TRANSACTION SNAPSHOT '${rows[0]?.snapshot}'`);
      return last;
    });
  try {
    let number = await attempt();
    while (number === undefined) {
      const added = (await listShards(connection)).filter((shard) => !shards.includes(shard));
      await lockShards(connection, added, work.signal);
      shards.push(...added);
      number = await attempt();
    }
    return { number, reader, close: () => reader.close() };
  } catch (error) {
    await reader.close();
    throw error;
  }
}
