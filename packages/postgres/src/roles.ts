import pg from 'pg';

/** Roles that log in, each with just its grants. */
export const loginRoles = [
  'switchboard_migrate',
  'switchboard_ingest',
  'switchboard_enrich',
  'switchboard_sink',
  'switchboard_api',
] as const;
export type LoginRole = (typeof loginRoles)[number];

const extensions = ['btree_gist', 'pg_trgm', 'fuzzystrmatch', 'pgcrypto'];

/**
 * Creates what only a superuser may: the roles (with passwords, when given), the extensions, and the rights of
 * `switchboard_migrate` on the schema. Doing it again changes nothing but the passwords.
 */
export async function createRoles(
  client: pg.Client,
  passwords?: Readonly<Record<LoginRole, string>>,
): Promise<void> {
  for (const role of loginRoles) await createRole(client, role, 'LOGIN NOBYPASSRLS');
  await createRole(client, 'switchboard_definer', 'NOLOGIN BYPASSRLS');
  await client.query('GRANT switchboard_definer TO switchboard_migrate');
  if (passwords) {
    for (const role of loginRoles) {
      await client.query(`ALTER ROLE ${role} PASSWORD ${pg.escapeLiteral(passwords[role])}`);
    }
  }
}

/** Extensions and schema rights of one database; see {@link createRoles}. */
export async function prepareDatabase(client: pg.Client): Promise<void> {
  for (const extension of extensions) await client.query(`CREATE EXTENSION IF NOT EXISTS ${extension}`);
  await client.query('GRANT ALL ON SCHEMA public TO switchboard_migrate');
  await client.query('GRANT CREATE, USAGE ON SCHEMA public TO switchboard_definer');
  await client.query(`GRANT USAGE ON SCHEMA public TO ${loginRoles.join(', ')}`);
}

// Roles are shared by all databases of a cluster, so two set-ups may meet here: a role that is there is right.
async function createRole(client: pg.Client, role: string, attributes: string): Promise<void> {
  await client.query(`DO $$ BEGIN
    CREATE ROLE ${role} ${attributes};
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`);
}
