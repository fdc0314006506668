import { dropScratch } from '@switchboard/clickhouse/migrate/scratch';
import { removeOldBlocks } from '@switchboard/postgres/blocks/blocks';
import { tryLockRebuild, unlockRebuild } from '@switchboard/postgres/blocks/locks';
import type { MaintenanceWork } from './dependencies.ts';
import { dropLeftovers } from './rebuild/rebuild.ts';

/**
 * Removes what nobody needs any more: old blocks, and what a rebuild or a comparison left that was killed. An epoch that
 * is left half built would keep every payload from being removed.
 */
export async function keepHouse(work: MaintenanceWork): Promise<void> {
  const { connection, clickhouse } = work;
  // Held: a rebuild or a comparison is going on.
  if (await tryLockRebuild(connection)) {
    try {
      await dropLeftovers(work);
      connection.assertAlive();
      await dropScratch(clickhouse);
    } finally {
      await unlockRebuild(connection).catch(() => undefined);
    }
  }
  await removeOldBlocks(connection);
}
