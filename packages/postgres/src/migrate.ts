import { readdir } from 'node:fs/promises';
import { parse } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SwitchboardError } from '@switchboard/platform';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { postgresUnavailable } from './access-fault.ts';
import { isSuperuser, type LoginRole, prepareServer } from './roles.ts';

export interface MigrateOptions {
  /**
   * URL of the database to set up: a superuser's, or that of `switchboard_migrate` once an administrator has run
   * `setup/roles.sql` and `setup/database.sql`.
   */
  adminUrl: string;
  /** Passwords of the roles that log in, for a superuser to set; without, they stay as they are. */
  rolePasswords?: Readonly<Record<LoginRole, string>>;
  /** How many migrations to apply at most; all unless told. */
  count?: number;
  /** Told when a later version has changed the database, which is left as it is then. */
  say?: (line: string) => void;
}

const migrationsDir = new URL('../migrations', import.meta.url);
const migrationLock = 7_303;
const lockPollMs = 200;
const lockPauseMs = 1_000;
const lockAttempts = 20;

/**
 * Brings a database to the newest state: roles, extensions, then each migration once, in order, as
 * `switchboard_migrate`. Running it again, or twice at once, changes nothing.
 * @returns the names of the migrations applied now; none where a later version has changed the database: services go on beside
 *   its tables, as they did when it made them
 * @throws SwitchboardError `database_newer` when it has migrations that are unknown here, and not all of ours: nothing is changed;
 *   `not_superuser` when passwords are to be set by somebody else; `postgres_unavailable`, `postgres_access_refused`
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { adminUrl, rolePasswords, count, say } = options;
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'switchboard-migrate' });
  try {
    await client.connect();
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw postgresUnavailable(cause);
  }
  try {
    await lockMigrations(client);
    const newer = await newerMigrations(client);
    if (newer.length > 0) {
      say?.(
        `left as it is: a later version of Switchboard has changed the database (${newer.length} migrations, the last of them ${newer.at(-1)}). The version right before that one works on it; of an older one restore a backup that it made into an empty database`,
      );
      return [];
    }
    if (await isSuperuser(client)) await prepareServer(client, rolePasswords);
    else if (rolePasswords) throw onlySuperuser();
    await client.query('SET ROLE switchboard_migrate');
    return await applyMigrations(client, count);
  } finally {
    await client.end();
  }
}

/** Whoever comes second waits, and finds everything done. The lock ends with the session. */
async function lockMigrations(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [
      migrationLock,
    ]);
    if (rows[0]?.got) return;
    // A statement that waits holds a snapshot, for whose end CREATE INDEX CONCURRENTLY would wait in turn.
    await setTimeout(lockPollMs);
  }
}

/**
 * Migrations of a later version, which an older one that prepared the database would take for done.
 * @throws SwitchboardError `database_newer` where it lacks some of ours: it is no later state of what this version makes
 */
async function newerMigrations(client: pg.Client): Promise<string[]> {
  const known = (await readdir(migrationsDir)).map((file) => parse(file).name);
  const applied = await appliedMigrations(client);
  const newer = applied.filter((name) => !known.includes(name));
  const missing = known.filter((name) => !applied.includes(name)).toSorted();
  if (newer.length === 0 || missing.length === 0) return newer;
  throw new SwitchboardError(
    'database_newer',
    `the database has ${newer.length} migrations that this version does not know, the last of them ${newer.at(-1)}, and lacks ${missing[0]}: a version of Switchboard that does not follow this one has changed it. Nothing was changed. Run that version or a later one; to go back, restore a backup that this version has made into an empty database`,
  );
}

/**
 * Each migration is a transaction of its own, so that no lock is held longer than its own file needs. One that gets its
 * lock on a busy table not in time (`lock_timeout`) lets the writers pass that queue behind it, and tries again.
 */
async function applyMigrations(client: pg.Client, count: number | undefined): Promise<string[]> {
  const before = await appliedMigrations(client);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await runner({
        dbClient: client,
        dir: fileURLToPath(migrationsDir),
        direction: 'up',
        migrationsTable: 'schema_migrations',
        checkOrder: true,
        ...(count === undefined ? {} : { count }),
        log: () => {},
      });
      const after = await appliedMigrations(client);
      return after.filter((name) => !before.includes(name));
    } catch (error) {
      await client.query('ROLLBACK');
      if (attempt === lockAttempts || !isLockFailure(error)) throw error;
      await setTimeout(lockPauseMs);
    }
  }
}

async function appliedMigrations(client: pg.Client): Promise<string[]> {
  const { rows: tables } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('public.schema_migrations') IS NOT NULL AS there`,
  );
  if (!tables[0]?.there) return [];
  const { rows } = await client.query<{ name: string }>('SELECT name FROM schema_migrations ORDER BY id');
  return rows.map((row) => row.name);
}

/** Not in time, or against a writer that took the same tables in another order. */
function isLockFailure(error: unknown): boolean {
  return error instanceof Error && ['55P03', '40P01'].includes(String(Reflect.get(error, 'code')));
}

function onlySuperuser(): SwitchboardError {
  return new SwitchboardError(
    'not_superuser',
    'passwords of roles are set by a superuser; without one, leave them to whoever ran setup/roles.sql',
  );
}
