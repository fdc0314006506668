import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createClickHouse } from '@switchboard/clickhouse';
import type { ClickHouseAccess } from './config.ts';

export interface ClickHouseUsersOptions extends ClickHouseAccess {
  url: string;
  caFile?: string;
}

const accessFile = new URL('../../clickhouse/access.sql', import.meta.url);

/**
 * Applies `infra/clickhouse/access.sql` as an administrator and gives each user its password. Running it again changes
 * nothing but the passwords.
 */
export async function makeClickHouseUsers(options: ClickHouseUsersOptions): Promise<void> {
  const { url, caFile, admin, passwords } = options;
  const client = createClickHouse({ url, caFile, ...admin, database: 'default' });
  try {
    for (const statement of await accessStatements(passwords)) await client.command(statement);
  } finally {
    await client.close();
  }
}

/** The statements, in order. Passwords stand in them as salted hashes, since ClickHouse logs what it is asked. */
export async function accessStatements(passwords: Readonly<Record<string, string>>): Promise<string[]> {
  const text = await readFile(accessFile, 'utf8');
  const statements = text
    .replace(/^--.*\n/gm, '')
    .split(/;\s*\n/)
    .filter((statement) => statement.trim() !== '');
  return [...statements, ...Object.entries(passwords).map(([user, password]) => letIn(user, password))];
}

/** `access.sql` makes users whom nobody can log in as. */
function letIn(user: string, password: string): string {
  const salt = randomBytes(16).toString('hex');
  const hash = createHash('sha256').update(password).update(salt).digest('hex');
  return `ALTER USER ${user} IDENTIFIED WITH sha256_hash BY '${hash}' SALT '${salt}' HOST ANY`;
}
