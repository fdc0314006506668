import type { Queryable } from '../pool.ts';

export interface ApiKeyListRow {
  id: string;
  key_id: string;
  name: string;
  scopes: string[];
  expires_at: Date | null;
  revoked_at: Date | null;
  created_at: Date;
}

export interface NewApiKey {
  id: string;
  /** The part of the key that names it. */
  keyId: string;
  /** SHA-256 of its secret part. */
  secretHash: Buffer;
  name: string;
  scopes: readonly string[];
  expiresAt: Date | null;
}

const columns = 'id, key_id, name, scopes, expires_at, revoked_at, created_at';

/** All keys of the open transaction's tenant, newest first, revoked ones too. */
export async function listApiKeys(db: Queryable, tenantId: string): Promise<ApiKeyListRow[]> {
  const { rows } = await db.query<ApiKeyListRow>(
    `SELECT ${columns} FROM api_keys WHERE tenant_id = $1 ORDER BY created_at DESC, id`,
    [tenantId],
  );
  return rows;
}

export async function createApiKey(
  db: Queryable,
  tenantId: string,
  key: NewApiKey,
): Promise<ApiKeyListRow | undefined> {
  const { rows } = await db.query<ApiKeyListRow>(
    `INSERT INTO api_keys (tenant_id, id, key_id, secret_hash, name, scopes, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${columns}`,
    [tenantId, key.id, key.keyId, key.secretHash, key.name, key.scopes, key.expiresAt],
  );
  return rows[0];
}

/** Ends a key at once. @returns undefined where there is none; one that was revoked before stays as it was */
export async function revokeApiKey(
  db: Queryable,
  tenantId: string,
  id: string,
): Promise<ApiKeyListRow | undefined> {
  const { rows } = await db.query<ApiKeyListRow>(
    `UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE tenant_id = $1 AND id = $2 RETURNING ${columns}`,
    [tenantId, id],
  );
  return rows[0];
}

/**
 * Lets a key that another one replaces work for some hours more, and no longer than it would have.
 * @returns undefined where there is none that works
 */
export async function retireApiKey(
  db: Queryable,
  tenantId: string,
  id: string,
  hours: number,
): Promise<ApiKeyListRow | undefined> {
  const { rows } = await db.query<ApiKeyListRow>(
    `UPDATE api_keys SET expires_at = least(expires_at, now() + make_interval(hours => $3))
     WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
     RETURNING ${columns}`,
    [tenantId, id, hours],
  );
  return rows[0];
}
