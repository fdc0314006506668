import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SwitchboardError } from '@switchboard/platform';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { appliedNames, clause, connectAsSuperuser, listTables, type TableShape } from './snapshot.ts';

/** What is put into an empty database. */
export interface RestoreOptions {
  /** A superuser's, of a migrated database that holds no clinic. */
  url: string;
  migrations: readonly string[];
  tables: readonly TableShape[];
  sequences: Readonly<Record<string, string>>;
  /** A table's rows in COPY's text format. What it throws takes everything back. */
  rowsOf(table: TableShape): Readable;
  /** What must be done before anything is there: called once the database is known to be fit. What it throws ends it. */
  prepare(): Promise<void>;
}

/**
 * Puts a snapshot's rows into an empty database: all of them in one transaction, or none. Triggers and foreign keys do
 * not work meanwhile: the rows are what they made of them once.
 * @returns rows by table
 * @throws SwitchboardError `not_empty`, `other_migrations`, `not_superuser`; `postgres_unavailable` (retryable)
 */
export async function restoreRows(options: RestoreOptions): Promise<Record<string, number>> {
  const client = await connectAsSuperuser(options.url, 'switchboard-restore');
  try {
    await client.query('BEGIN');
    await client.query(`SET LOCAL session_replication_role = 'replica'`);
    await requireFresh(client, options);
    await options.prepare();
    const restored: Record<string, number> = {};
    // What a migration puts into its own table is in the snapshot, too.
    const names = options.tables.map(({ name }) => clause({ name, columns: [] }).replace(' ()', ''));
    await client.query(`TRUNCATE ${names.join(', ')}`);
    for (const table of options.tables) {
      const copy = client.query(copyFrom(`COPY ${clause(table)} FROM STDIN`));
      await pipeline(options.rowsOf(table), copy);
      restored[table.name] = copy.rowCount;
    }
    for (const [name, value] of Object.entries(options.sequences))
      await client.query('SELECT setval($1::regclass, $2)', [name, value]);
    await forgetOtherServer(client);
    await client.query('COMMIT');
    return restored;
  } finally {
    await client.end();
  }
}

async function requireFresh(client: pg.Client, options: RestoreOptions): Promise<void> {
  const { rows } = await client.query<{ used: boolean }>('SELECT EXISTS (SELECT FROM tenants) AS used');
  if (rows[0]?.used)
    throw new SwitchboardError('not_empty', 'the database has clinics already: restore into an empty one');
  const here = await appliedNames(client);
  const tables = await listTables(client);
  const isSame = (left: unknown, right: unknown) => JSON.stringify(left) === JSON.stringify(right);
  if (!isSame(here, options.migrations) || !isSame(tables, options.tables))
    throw new SwitchboardError(
      'other_migrations',
      `the database has ${here.length} migrations and the backup ${options.migrations.length}: restore with the version that made the backup, then upgrade`,
    );
}

/**
 * Transactions have other numbers on another server. With the old ones, what waits in the outbox would seem to lie in the
 * future, or long past, and be left there.
 */
async function forgetOtherServer(client: pg.Client): Promise<void> {
  await client.query('UPDATE outbox SET xid = DEFAULT');
  await client.query(`UPDATE block_shards SET drain_xmin = '0'`);
}
