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

export interface Restored {
  /** By table. */
  rows: Record<string, number>;
  /** Messages that were still to be sent, and are shown as unknown. */
  unsent: number;
}

/**
 * Whether {@link restoreRows} would begin; changes nothing.
 * @throws SwitchboardError `not_empty`, `other_migrations`, `not_superuser`; `postgres_unavailable` (retryable)
 */
export async function requireRestorable(
  options: Pick<RestoreOptions, 'url' | 'migrations' | 'tables'>,
): Promise<void> {
  const client = await connectAsSuperuser(options.url, 'switchboard-restore');
  try {
    await requireFresh(client, options);
  } finally {
    await client.end();
  }
}

/**
 * Puts a snapshot's rows into an empty database: all of them in one transaction, or none. Triggers and foreign keys do
 * not work meanwhile: the rows are what they made of them once.
 * @throws SwitchboardError `not_empty`, `other_migrations`, `not_superuser`; `postgres_unavailable` (retryable)
 */
export async function restoreRows(options: RestoreOptions): Promise<Restored> {
  const client = await connectAsSuperuser(options.url, 'switchboard-restore');
  try {
    await client.query('BEGIN');
    await client.query(`SET LOCAL session_replication_role = 'replica'`);
    await requireFresh(client, options);
    await options.prepare();
    const rows: Record<string, number> = {};
    // What a migration puts into its own table is in the snapshot, too.
    const names = options.tables.map(({ name }) => clause({ name, columns: [] }).replace(' ()', ''));
    await client.query(`TRUNCATE ${names.join(', ')}`);
    for (const table of options.tables) {
      const copy = client.query(copyFrom(`COPY ${clause(table)} FROM STDIN`));
      await pipeline(options.rowsOf(table), copy);
      rows[table.name] = copy.rowCount;
    }
    for (const [name, value] of Object.entries(options.sequences))
      await client.query('SELECT setval($1::regclass, $2)', [name, value]);
    await forgetOtherServer(client);
    // Who logged out, or was shut out, since the snapshot is not let in again by an old cookie.
    await client.query('DELETE FROM sessions');
    const unsent = await sendNothingAgain(client);
    await client.query('COMMIT');
    return { rows, unsent };
  } finally {
    await client.end();
  }
}

async function requireFresh(
  client: pg.Client,
  options: Pick<RestoreOptions, 'migrations' | 'tables'>,
): Promise<void> {
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

/**
 * What was still to be sent may have gone out since: nobody knows, and it is not sent again by itself. It ends as such a send
 * does, with its message; its fact, which is of before, counts as stated by older rules until the sink states it again.
 * @returns how many there were
 */
async function sendNothingAgain(client: pg.Client): Promise<number> {
  const { rowCount } = await client.query(
    `WITH unsent AS (
       UPDATE message_sends s SET state = 'unknown', error_code = 'restored', sending_since = NULL
       FROM conversation_messages m
       WHERE s.state IN ('queued', 'sending') AND m.tenant_id = s.tenant_id AND m.id = s.message_id
         -- Of the others a callback has told that they were taken.
         AND (m.source <> 'twilio' OR m.external_id IS NULL)
       RETURNING s.tenant_id, s.message_id
     ), old AS (
       UPDATE fact_current f SET zone = '' FROM unsent u
       WHERE f.tenant_id = u.tenant_id AND f.kind = 'message' AND f.entity_id = u.message_id
     )
     UPDATE conversation_messages m SET status = 'unknown', status_at = now(), error_code = 'restored'
     FROM unsent u
     WHERE m.tenant_id = u.tenant_id AND m.id = u.message_id AND coalesce(m.status, 'queued') IN ('queued', 'unknown')`,
  );
  return rowCount ?? 0;
}
