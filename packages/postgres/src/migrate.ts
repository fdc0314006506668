import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { createRoles, type LoginRole, prepareDatabase } from './roles.ts';

export interface MigrateOptions {
  /** A superuser's URL of the database to set up. */
  adminUrl: string;
  /** Passwords of the roles that log in; without, they stay as they are. */
  rolePasswords?: Readonly<Record<LoginRole, string>>;
}

const migrationLock = 7_303;

/**
 * Brings a database to the newest state: roles, extensions, then each migration once, in order, as
 * `switchboard_migrate`. Running it again, or twice at once, changes nothing.
 * @returns the names of the migrations applied now
 */
export async function migrate({ adminUrl, rolePasswords }: MigrateOptions): Promise<string[]> {
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'switchboard-migrate' });
  await client.connect();
  try {
    // Whoever comes second waits, and finds everything done. The lock ends with the session.
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await createRoles(client, rolePasswords);
    await prepareDatabase(client);
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
