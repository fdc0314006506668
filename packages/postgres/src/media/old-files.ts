import type { Client, Queryable } from '../pool.ts';
import { allKinds, type FetchedKind, kinds } from './kinds.ts';

/** A file whose master key is to be another. */
export interface FileKey {
  id: string;
  keyId: string;
  sealedKey: Buffer;
}

/**
 * Ends the time of recordings and media that the clinic no longer keeps, a bounded number at a time; files that nothing
 * else needs are to be removed.
 * @returns how many ended
 */
export async function expireFiles(client: Client, tenantId: string, most: number): Promise<number> {
  let ended = 0;
  for (const kind of allKinds) {
    const { table, entity, position } = kinds[kind];
    const { rows } = await client.query<{ file_id: string }>(
      `WITH old AS (SELECT ${entity} AS entity_id, ${position} AS position, x.file_id FROM ${table} x
         WHERE x.tenant_id = $1 AND x.state = 'stored' AND x.expires_at <= now() ORDER BY x.expires_at LIMIT $2
         FOR UPDATE SKIP LOCKED)
       UPDATE ${table} x SET state = 'expired', file_id = NULL FROM old
       WHERE x.tenant_id = $1 AND ${entity} = old.entity_id AND ${position} = old.position RETURNING old.file_id`,
      [tenantId, most],
    );
    await releaseFiles(
      client,
      tenantId,
      rows.map((row) => row.file_id),
    );
    ended += rows.length;
  }
  return ended;
}

/**
 * Ends the time of all recordings of these calls, or of all media of these messages, kept or not yet fetched, and forgets
 * where they were. What is fetched meanwhile is not kept.
 */
export async function endFiles(
  client: Client,
  tenantId: string,
  kind: FetchedKind,
  ownerIds: readonly string[],
): Promise<void> {
  const { table, entity, position } = kinds[kind];
  const { rows } = await client.query<{ file_id: string | null }>(
    `WITH old AS (SELECT ${entity} AS entity_id, ${position} AS position, x.file_id FROM ${table} x
       WHERE x.tenant_id = $1 AND ${entity} = ANY ($2::uuid[]) AND (x.state <> 'expired' OR x.source_url IS NOT NULL) FOR UPDATE)
     UPDATE ${table} x SET state = 'expired', file_id = NULL, source_url = NULL, sha256 = NULL, claim = NULL FROM old
     WHERE x.tenant_id = $1 AND ${entity} = old.entity_id AND ${position} = old.position RETURNING old.file_id`,
    [tenantId, ownerIds],
  );
  await releaseFiles(
    client,
    tenantId,
    rows.flatMap(({ file_id }) => file_id ?? []),
  );
}

/** Follows a change of how long the clinic keeps recordings and media. */
export async function followRetention(client: Queryable, tenantId: string): Promise<void> {
  for (const { table, entity, owner, ownerAt, retention } of Object.values(kinds))
    await client.query(
      `UPDATE ${table} x SET expires_at = n.expires_at
       FROM tenants t, ${owner} o,
         LATERAL (SELECT ${ownerAt} + make_interval(days => (t.retention_days ->> '${retention}')::int) AS expires_at) n
       WHERE x.tenant_id = $1 AND x.state = 'stored' AND t.id = $1 AND o.tenant_id = $1 AND o.id = ${entity}
         AND x.expires_at IS DISTINCT FROM n.expires_at`,
      [tenantId],
    );
}

/** Files whose calls or messages were removed, and files that a process died with, are to be removed. */
export async function releaseLostFiles(client: Client, tenantId: string, before: Date): Promise<void> {
  await client.query(
    `UPDATE stored_files SET state = 'removing' WHERE tenant_id = $1 AND state = 'writing' AND updated_at < $2`,
    [tenantId, before],
  );
  const { rows } = await client.query<{ id: string }>(
    `SELECT f.id FROM stored_files f
     WHERE f.tenant_id = $1 AND f.state = 'stored' AND f.variant = 'original' AND f.updated_at < $2 AND NOT ${isNeeded}`,
    [tenantId, before],
  );
  await releaseFiles(
    client,
    tenantId,
    rows.map(({ id }) => id),
    before,
  );
}

/** Files to be removed, what was made of them first. */
export async function filesToRemove(db: Queryable, tenantId: string, most: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT f.id FROM stored_files f WHERE f.tenant_id = $1 AND f.state = 'removing'
       AND NOT EXISTS (SELECT FROM stored_files m WHERE m.tenant_id = f.tenant_id AND m.original_id = f.id)
     ORDER BY f.updated_at LIMIT $2`,
    [tenantId, most],
  );
  return rows.map(({ id }) => id);
}

/** Forgets a file whose object is removed. */
export async function forgetFile(client: Queryable, tenantId: string, id: string): Promise<void> {
  await client.query(`DELETE FROM stored_files WHERE tenant_id = $1 AND id = $2 AND state = 'removing'`, [
    tenantId,
    id,
  ]);
}

/** Files whose keys another master key than this sealed. */
export async function filesOfOtherKeys(
  client: Queryable,
  tenantId: string,
  keyId: string,
  most: number,
): Promise<FileKey[]> {
  const { rows } = await client.query<FileKey>(
    `SELECT id, key_id AS "keyId", sealed_key AS "sealedKey" FROM stored_files
     WHERE tenant_id = $1 AND key_id <> $2 AND state <> 'removing' LIMIT $3 FOR UPDATE SKIP LOCKED`,
    [tenantId, keyId, most],
  );
  return rows;
}

/** A file's key is sealed by another master key from now on. */
export async function resealFile(client: Queryable, tenantId: string, file: FileKey): Promise<void> {
  await client.query(
    'UPDATE stored_files SET key_id = $3, sealed_key = $4 WHERE tenant_id = $1 AND id = $2',
    [tenantId, file.id, file.keyId, file.sealedKey],
  );
}

const isNeeded = `(EXISTS (SELECT FROM voice_call_recordings r WHERE r.tenant_id = f.tenant_id AND r.file_id = f.id)
  OR EXISTS (SELECT FROM message_media m WHERE m.tenant_id = f.tenant_id AND m.file_id = f.id))`;

/**
 * Those of these files that nothing needs, and what was made of them, are to be removed.
 * @param before not those whose hour began anew since then
 */
async function releaseFiles(
  client: Client,
  tenantId: string,
  ids: readonly string[],
  before: Date | null = null,
): Promise<void> {
  if (ids.length === 0) return;
  // Whoever is about to link one holds it, and is seen by the next statement.
  await client.query(
    'SELECT FROM stored_files WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE',
    [tenantId, ids],
  );
  await client.query(
    `WITH gone AS (UPDATE stored_files f SET state = 'removing'
       WHERE f.tenant_id = $1 AND f.id = ANY ($2::uuid[]) AND f.state = 'stored' AND NOT ${isNeeded}
         AND ($3::timestamptz IS NULL OR f.updated_at < $3) RETURNING f.id)
     UPDATE stored_files m SET state = 'removing' FROM gone WHERE m.tenant_id = $1 AND m.original_id = gone.id`,
    [tenantId, ids, before],
  );
}
