import { setTimeout as sleep } from 'node:timers/promises';
import type { Stores } from '@switchboard/testkit/open-stores';

/**
 * Waits until `events` events are in Postgres and all that they stated is in ClickHouse.
 *
 * @returns when the last was in Postgres, by `performance.now()`
 */
export async function untilTaken({ postgres }: Stores, events: number): Promise<number> {
  const sql = `SELECT (SELECT count(*)::int FROM inbox) AS taken, (SELECT count(*)::int FROM outbox) AS unmoved,
      (SELECT count(*)::int FROM blocks WHERE state = 'moved') AS undone`;
  let sunkAt = 0;
  while (true) {
    await sleep(1_000);
    const { rows } = await postgres.query<{ taken: number; unmoved: number; undone: number }>(sql);
    const { taken = 0, unmoved = 0, undone = 0 } = rows[0] ?? {};
    if (taken < events) continue;
    if (sunkAt === 0) sunkAt = performance.now();
    if (unmoved === 0 && undone === 0) return sunkAt;
  }
}
