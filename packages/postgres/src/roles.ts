import { readFile } from 'node:fs/promises';
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

/**
 * Creates what only a superuser may: the roles (with passwords, when given), the extensions, and the rights of
 * `switchboard_migrate` on the schema. Doing it again changes nothing but the passwords.
 */
export async function prepareServer(
  client: pg.Client,
  passwords?: Readonly<Record<LoginRole, string>>,
): Promise<void> {
  await client.query(await readSetup('roles.sql'));
  if (passwords) {
    for (const role of loginRoles) {
      await client.query(`ALTER ROLE ${role} PASSWORD ${pg.escapeLiteral(passwords[role])}`);
    }
  }
  await client.query(await readSetup('database.sql'));
}

/** Whether this session may do what {@link prepareServer} does. */
export async function isSuperuser(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ is: boolean }>(
    'SELECT rolsuper AS is FROM pg_roles WHERE rolname = current_user',
  );
  return rows[0]?.is ?? false;
}

function readSetup(file: string): Promise<string> {
  return readFile(new URL(`../setup/${file}`, import.meta.url), 'utf8');
}
