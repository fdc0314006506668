import type { ClickHouse } from '../client.ts';

/** Stands among the marks for "somebody may have inserted twice". */
const doubt = 'toDateTime64(0, 3)';

/**
 * Whether ClickHouse was verified since its process started and nobody has doubted it since: the mark stands in a table
 * that forgets when the process ends, so no clock and no log is trusted. Any start counts as unclean, since nothing tells
 * a clean one for sure.
 */
export async function wasVerifiedSinceStart(client: ClickHouse): Promise<boolean> {
  const [row] = await client.query<{ marks: string; doubts: string }>(
    `SELECT count() AS marks, countIf(verified_at = ${doubt}) AS doubts FROM switchboard_since_start`,
  );
  return Number(row?.marks ?? 0) > 0 && Number(row?.doubts ?? 0) === 0;
}

/** Forgets all marks; called before a comparison begins, so that a doubt that comes up meanwhile outlives it. */
export async function forgetMarks(client: ClickHouse): Promise<void> {
  await client.command('TRUNCATE TABLE switchboard_since_start');
}

export async function markVerifiedSinceStart(client: ClickHouse): Promise<void> {
  await client.command('INSERT INTO switchboard_since_start VALUES (now64(3))', {}, { async_insert: 0 });
}

/** Makes whoever prepares next compare everything. */
export async function markDoubtful(client: ClickHouse): Promise<void> {
  await client.command(`INSERT INTO switchboard_since_start VALUES (${doubt})`, {}, { async_insert: 0 });
}
