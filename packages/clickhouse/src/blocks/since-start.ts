import type { ClickHouse } from '../client.ts';

/**
 * Whether ClickHouse was verified since its process started: the mark stands in a table that forgets when the process
 * ends, so no clock and no log is trusted. Any start counts as unclean, since nothing tells a clean one for sure.
 */
export async function wasVerifiedSinceStart(client: ClickHouse): Promise<boolean> {
  const [row] = await client.query<{ n: string }>('SELECT count() AS n FROM switchboard_since_start');
  return Number(row?.n ?? 0) > 0;
}

export async function markVerifiedSinceStart(client: ClickHouse): Promise<void> {
  await client.command('INSERT INTO switchboard_since_start VALUES (now64(3))', {}, { async_insert: 0 });
}
