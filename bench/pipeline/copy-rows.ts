import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from '@switchboard/postgres';

/**
 * The limit of the Postgres half: the rows of these tables that the sink wrote, from files by COPY into empty tables with the same keys
 * and indexes, one table after another, without triggers and foreign keys.
 */
export async function copyRows(
  postgres: Pool,
  tables: readonly string[],
  say: (line: string) => void,
): Promise<{ rows: number; seconds: number }> {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bench-copy-'));
  // The server writes the files, as a user of its own.
  await chmod(dir, 0o777);
  try {
    await postgres.query('DROP SCHEMA IF EXISTS bench CASCADE');
    await postgres.query('CREATE SCHEMA bench');
    for (const table of tables) {
      await postgres.query(`COPY (SELECT * FROM public.${table}) TO '${join(dir, table)}'`);
      await postgres.query(`CREATE TABLE bench.${table} (LIKE public.${table} INCLUDING ALL)`);
    }
    await postgres.query('CHECKPOINT');
    let rows = 0;
    const begunAt = performance.now();
    for (const table of tables) {
      const { rowCount } = await postgres.query(`COPY bench.${table} FROM '${join(dir, table)}'`);
      rows += rowCount ?? 0;
    }
    const seconds = (performance.now() - begunAt) / 1_000;
    say(`COPY of ${rows} rows in ${seconds.toFixed(2)} s`);
    return { rows, seconds };
  } finally {
    await postgres.query('DROP SCHEMA IF EXISTS bench CASCADE');
    await rm(dir, { recursive: true, force: true });
  }
}
