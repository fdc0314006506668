import type { Queryable } from '../pool.ts';

export type UserRole = 'owner' | 'manager' | 'agent' | 'analyst';

export interface LoginRow {
  tenantId: string;
  userId: string;
  displayName: string;
  role: UserRole;
  /** `scrypt$N$r$p$salt$hash`, base64. */
  passwordHash: string;
}

export interface SessionRow {
  tenantId: string;
  userId: string;
  email: string;
  displayName: string;
  role: UserRole;
  expiresAt: Date;
}

export interface ApiKeyRow {
  tenantId: string;
  id: string;
  name: string;
  /** SHA-256 of the secret. */
  secretHash: Buffer;
  scopes: string[];
}

/** The active account of a mail address, of an active tenant. */
export async function findLogin(db: Queryable, email: string): Promise<LoginRow | undefined> {
  const { rows } = await db.query<LoginRow>(
    `SELECT tenant_id AS "tenantId", user_id AS "userId", display_name AS "displayName", role,
       password_hash AS "passwordHash" FROM login_lookup($1)`,
    [email],
  );
  return rows[0];
}

/** The session whose token has this SHA-256, unless it ended. */
export async function findSession(db: Queryable, tokenHash: Buffer): Promise<SessionRow | undefined> {
  const { rows } = await db.query<SessionRow>(
    `SELECT tenant_id AS "tenantId", user_id AS "userId", email, display_name AS "displayName", role,
       expires_at AS "expiresAt" FROM session_lookup($1)`,
    [tokenHash],
  );
  return rows[0];
}

/** The key with this id, unless it was revoked or has expired. */
export async function findApiKey(db: Queryable, keyId: string): Promise<ApiKeyRow | undefined> {
  const { rows } = await db.query<ApiKeyRow>(
    `SELECT tenant_id AS "tenantId", id, name, secret_hash AS "secretHash", scopes FROM api_key_lookup($1)`,
    [keyId],
  );
  return rows[0];
}

/**
 * Stores a session for the open transaction's tenant, and removes the user's that have ended. The account is held until
 * the transaction ends: one whose password or state changed since it was looked up gets no session.
 * @returns when it ends, by the database's clock, which also decides later; undefined: the account is no longer as it was
 */
export async function createSession(
  db: Queryable,
  session: { tenantId: string; userId: string; passwordHash: string; tokenHash: Buffer; hours: number },
): Promise<Date | undefined> {
  const { tenantId, userId, tokenHash, hours } = session;
  const email = await holdUser(db, tenantId, userId);
  const login = email === undefined ? undefined : await findLogin(db, email);
  if (login?.passwordHash !== session.passwordHash) return undefined;
  await db.query('DELETE FROM sessions WHERE tenant_id = $1 AND user_id = $2 AND expires_at < now()', [
    tenantId,
    userId,
  ]);
  const { rows } = await db.query<{ expires_at: Date }>(
    `INSERT INTO sessions (tenant_id, token_hash, user_id, expires_at)
     VALUES ($1, $2, $3, now() + make_interval(hours => $4)) RETURNING expires_at`,
    [tenantId, tokenHash, userId, hours],
  );
  return rows[0]?.expires_at;
}

/** Locks an account against changes until the transaction ends. @returns its mail address, while it is active */
async function holdUser(db: Queryable, tenantId: string, userId: string): Promise<string | undefined> {
  const { rows } = await db.query<{ email: string }>(
    `SELECT email FROM users WHERE tenant_id = $1 AND id = $2 AND status = 'active' FOR SHARE`,
    [tenantId, userId],
  );
  return rows[0]?.email;
}

/** Ends a session of the open transaction's tenant. */
export async function deleteSession(db: Queryable, tenantId: string, tokenHash: Buffer): Promise<void> {
  await db.query('DELETE FROM sessions WHERE tenant_id = $1 AND token_hash = $2', [tenantId, tokenHash]);
}
