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
}

const migrationLock = 7_303;

/**
 * Brings a database to the newest state: roles, extensions, then each migration once, in order, as
 * `switchboard_migrate`. Running it again, or twice at once, changes nothing.
 * @returns the names of the migrations applied now
 * @throws SwitchboardError `not_superuser` when passwords are to be set by somebody else; `postgres_unavailable`,
 *   `postgres_access_refused`
 */
export async function migrate({ adminUrl, rolePasswords }: MigrateOptions): Promise<string[]> {
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'switchboard-migrate' });
  try {
    await client.connect();
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw postgresUnavailable(cause);
  }
  try {
    // Whoever comes second waits, and finds everything done. The lock ends with the session.
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    if (await isSuperuser(client)) await prepareServer(client, rolePasswords);
    else if (rolePasswords) throw onlySuperuser();
    await client.query('SET ROLE switchboard_migrate');
    const applied = await runner({
      dbClient: client,
      dir: fileURLToPath(new URL('../migrations', import.meta.url)),
      direction: 'up',
      migrationsTable: 'schema_migrations',
      checkOrder: true,
      log: () => {},
    });
    return applied.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

function onlySuperuser(): SwitchboardError {
  return new SwitchboardError(
    'not_superuser',
    'passwords of roles are set by a superuser; without one, leave them to whoever ran setup/roles.sql',
  );
}
