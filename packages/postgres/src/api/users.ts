import { SwitchboardError } from '@switchboard/platform';
import type { Client, Queryable } from '../pool.ts';
import { findLogin, type UserRole } from './authentication.ts';

export interface UserRow {
  id: string;
  email: string;
  display_name: string;
  role: UserRole;
  status: 'active' | 'disabled';
  created_at: Date;
  updated_at: Date;
}

export interface UserChange {
  displayName?: string;
  role?: UserRole;
  status?: 'active' | 'disabled';
  /** `scrypt$N$r$p$salt$hash`, base64. */
  passwordHash?: string;
  /** The hash that the account has, or nothing is changed. */
  expectedHash?: string;
}

const columns = 'id, email, display_name, role, status, created_at, updated_at';

/** All accounts of the open transaction's tenant, by name. */
export async function listUsers(db: Queryable, tenantId: string): Promise<UserRow[]> {
  const { rows } = await db.query<UserRow>(
    `SELECT ${columns} FROM users WHERE tenant_id = $1 ORDER BY status, display_name, id`,
    [tenantId],
  );
  return rows;
}

/** @throws SwitchboardError `email_taken`, whichever clinic has it: a mail address logs in to one */
export async function createUser(
  db: Queryable,
  tenantId: string,
  user: { id: string; email: string; displayName: string; role: UserRole; passwordHash: string },
): Promise<UserRow> {
  const { rows } = await db
    .query<UserRow>(
      `INSERT INTO users (tenant_id, id, email, display_name, role, password_hash)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${columns}`,
      [tenantId, user.id, user.email, user.displayName, user.role, user.passwordHash],
    )
    .catch((error: unknown) => {
      throw isUniqueViolation(error)
        ? new SwitchboardError('email_taken', 'the mail address has an account', { cause: error })
        : error;
    });
  const [row] = rows;
  if (!row) throw new Error('an insert returns its row');
  return row;
}

/**
 * Changes an account. A change of role, state or password ends the account's sessions, in the same transaction.
 * @param change one field or more
 * @returns undefined where there is none
 * @throws SwitchboardError `last_owner`: nobody would be left who can let anybody in; `password_changed`
 */
export async function changeUser(
  client: Client,
  tenantId: string,
  userId: string,
  change: UserChange,
): Promise<UserRow | undefined> {
  // All owners are locked, in one order: two who take each other's role away come one after the other.
  const { rows: owners } = await client.query<{ id: string }>(
    `SELECT id FROM users WHERE tenant_id = $1 AND role = 'owner' AND status = 'active' ORDER BY id FOR UPDATE`,
    [tenantId],
  );
  const isOwner = owners.some(({ id }) => id === userId);
  const ceases = (change.role ?? 'owner') !== 'owner' || change.status === 'disabled';
  if (isOwner && ceases && owners.length === 1)
    throw new SwitchboardError('last_owner', 'a clinic needs an active owner');
  if (change.expectedHash !== undefined) await requireHash(client, tenantId, userId, change.expectedHash);
  const values: unknown[] = [tenantId, userId];
  // Column by column: the old hash may be overwritten, but not read.
  const sets = Object.entries({
    display_name: change.displayName,
    role: change.role,
    status: change.status,
    password_hash: change.passwordHash,
  }).flatMap(([column, value]) => (value === undefined ? [] : [`${column} = $${values.push(value)}`]));
  const { rows } = await client.query<UserRow & { ends: boolean }>(
    `UPDATE users u SET ${sets.join(', ')}
     FROM (SELECT id, role, status FROM users WHERE tenant_id = $1 AND id = $2 FOR UPDATE) before
     WHERE u.tenant_id = $1 AND u.id = before.id
     RETURNING ${columns.replaceAll(/\w+/g, 'u.$&')}, u.role <> before.role OR u.status <> before.status AS ends`,
    values,
  );
  const [row] = rows;
  if (!row) return undefined;
  const { ends, ...user } = row;
  if (ends || change.passwordHash !== undefined)
    await client.query('DELETE FROM sessions WHERE tenant_id = $1 AND user_id = $2', [tenantId, userId]);
  return user;
}

/** Under the row's lock: who proved an old password while another one was set has proved nothing. */
async function requireHash(client: Client, tenantId: string, userId: string, hash: string): Promise<void> {
  const { rows } = await client.query<{ email: string }>(
    'SELECT email FROM users WHERE tenant_id = $1 AND id = $2 FOR UPDATE',
    [tenantId, userId],
  );
  const login = rows[0] && (await findLogin(client, rows[0].email));
  if (login?.passwordHash !== hash)
    throw new SwitchboardError('password_changed', 'the password was changed meanwhile');
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === '23505';
}
