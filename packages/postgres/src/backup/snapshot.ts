import type { Readable } from 'node:stream';
import { SwitchboardError } from '@switchboard/platform';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { postgresUnavailable } from '../access-fault.ts';
import { isSuperuser } from '../roles.ts';

/** A table, and the columns that are stored: what is computed of others is computed again. */
export interface TableShape {
  name: string;
  columns: readonly string[];
}

/** A file of a clinic, as its row names it. */
export interface FileOfRow {
  tenantId: string;
  id: string;
}

/** All that a database held at one moment, whatever is written meanwhile. */
export interface Snapshot {
  /** Names of the migrations that made it, in order. */
  migrations: readonly string[];
  tables: readonly TableShape[];
  /** Last values of sequences, by name. */
  sequences: Readonly<Record<string, string>>;
  /** Recordings and media that are kept. */
  files: readonly FileOfRow[];
  /** A table's rows in COPY's text format. One at a time. */
  copyOut(table: TableShape): Readable;
}

/**
 * Reads a database at one moment: one transaction, REPEATABLE READ and READ ONLY.
 * @param url a superuser's: row-level security hides rows from everybody else
 * @throws SwitchboardError `not_superuser`; `postgres_unavailable`, `postgres_access_refused` (retryable)
 */
export async function withSnapshot<T>(url: string, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const client = await connectAsSuperuser(url, 'switchboard-backup');
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { rows: files } = await client.query<FileOfRow>(
      `SELECT tenant_id AS "tenantId", id FROM stored_files WHERE state = 'stored' ORDER BY tenant_id, id`,
    );
    const result = await work({
      migrations: await appliedNames(client),
      tables: await listTables(client),
      sequences: await lastValues(client),
      files,
      copyOut: (table) => client.query(copyTo(`COPY ${clause(table)} TO STDOUT`)),
    });
    await client.query('COMMIT');
    return result;
  } finally {
    await client.end();
  }
}

/**
 * Those of the files that are still kept now, by their rows.
 * @param url a superuser's
 * @throws SwitchboardError as {@link withSnapshot} does
 */
export async function stillKept(url: string, files: readonly FileOfRow[]): Promise<FileOfRow[]> {
  const client = await connectAsSuperuser(url, 'switchboard-backup');
  try {
    const { rows } = await client.query<FileOfRow>(
      `SELECT f.tenant_id AS "tenantId", f.id FROM stored_files f
       JOIN unnest($1::uuid[], $2::uuid[]) AS n (tenant_id, id) ON n.tenant_id = f.tenant_id AND n.id = f.id
       WHERE f.state = 'stored'`,
      [files.map(({ tenantId }) => tenantId), files.map(({ id }) => id)],
    );
    return rows;
  } finally {
    await client.end();
  }
}

/** @throws SwitchboardError as {@link withSnapshot} does */
export async function connectAsSuperuser(url: string, applicationName: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: applicationName });
  // A connection that breaks tells whoever waits for an answer; unheard it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw postgresUnavailable(cause);
  }
  if (await isSuperuser(client)) return client;
  await client.end();
  throw new SwitchboardError(
    'not_superuser',
    'DATABASE_URL must be a superuser’s: row-level security hides rows from everybody else',
  );
}

export async function appliedNames(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('SELECT name FROM schema_migrations ORDER BY id');
  return rows.map(({ name }) => name);
}

/** All tables but the migrations' own. */
export async function listTables(client: pg.Client): Promise<TableShape[]> {
  const { rows } = await client.query<TableShape>(
    `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'schema_migrations'
     GROUP BY c.relname ORDER BY c.relname`,
  );
  return rows;
}

async function lastValues(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; value: string }>(
    `SELECT sequencename AS name, last_value::text AS value FROM pg_sequences
     WHERE schemaname = 'public' AND last_value IS NOT NULL AND sequencename <> 'schema_migrations_id_seq'`,
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** A table with its columns, for COPY. */
export function clause({ name, columns }: TableShape): string {
  return `${pg.escapeIdentifier(name)} (${columns.map((column) => pg.escapeIdentifier(column)).join(', ')})`;
}
