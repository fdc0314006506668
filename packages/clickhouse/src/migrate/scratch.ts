import type { ClickHouse } from '../client.ts';

/** What the names of tables begin with that one comparison makes and drops. */
export const scratchPrefix = 'scratch_';

/** Drops what comparisons that were killed have left. The caller holds the rebuild's lock, so that none is running. */
export async function dropScratch(client: ClickHouse): Promise<void> {
  const tables = await client.query<{ name: string }>(
    'SELECT name FROM system.tables WHERE database = {database:String} AND startsWith(name, {prefix:String})',
    { database: client.database, prefix: scratchPrefix },
  );
  for (const { name } of tables) await client.command(`DROP TABLE IF EXISTS ${name}`);
}
