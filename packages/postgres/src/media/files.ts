import type { Client, Queryable } from '../pool.ts';
import { type ClaimedFetch, linkFile } from './fetches.ts';

export type FileVariant = 'original' | 'view' | 'thumbnail';

/** A file that is about to be written. */
export interface NewFile {
  tenantId: string;
  id: string;
  variant: FileVariant;
  /** What it was made of; null for an original. */
  originalId: string | null;
  keyId: string;
  sealedKey: Buffer;
}

/** What is known of a file when all of it is written. */
export interface WrittenFile {
  id: string;
  contentType: string;
  size: number;
  sha256: string;
}

/** Notes a file before its object is written, so that a crash leaves something to remove it by. */
export async function openFile(client: Queryable, file: NewFile): Promise<void> {
  await client.query(
    `INSERT INTO stored_files (tenant_id, id, variant, original_id, key_id, sealed_key) VALUES ($1, $2, $3, $4, $5, $6)`,
    [file.tenantId, file.id, file.variant, file.originalId, file.keyId, file.sealedKey],
  );
}

/** Notes that the object of a file that is of no use is to be removed. */
export async function dropFile(client: Queryable, tenantId: string, id: string): Promise<void> {
  await client.query(`UPDATE stored_files SET state = 'removing' WHERE tenant_id = $1 AND id = $2`, [
    tenantId,
    id,
  ]);
}

/** A file is stored. @returns false when it was given up for dead meanwhile */
export async function markWritten(
  client: Queryable,
  tenantId: string,
  file: WrittenFile,
  reading: 'pending' | null,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE stored_files SET state = 'stored', content_type = $3, size_bytes = $4, sha256 = $5, reading = $6
     WHERE tenant_id = $1 AND id = $2 AND state = 'writing'`,
    [tenantId, file.id, file.contentType, file.size, file.sha256, reading],
  );
  return rowCount === 1;
}

/**
 * Ends a claimed fetch with the file that was written for it, or with the one of the same content that the clinic has.
 * @param reading whether something is to be made of it
 * @returns whether the written file is kept; if not, its object is to be removed
 */
export async function storeFetched(
  client: Client,
  fetch: ClaimedFetch,
  file: WrittenFile,
  reading: 'pending' | null,
): Promise<boolean> {
  const { tenantId } = fetch;
  const kept = await keepOnce(client, tenantId, file, reading);
  if (kept === undefined) return false;
  const linked = await linkFile(client, fetch, kept);
  if (linked && kept === file.id) return true;
  await dropFile(client, tenantId, file.id);
  return false;
}

/**
 * Ends the writing of a file that comes from nowhere else. What nothing needs within an hour goes again.
 * @returns the id of what is kept: this file, or the one of the same content that the clinic has, and then the object of
 * this one is to be removed; undefined: it was given up for dead
 */
export async function storeWritten(
  client: Client,
  tenantId: string,
  file: WrittenFile,
  reading: 'pending' | null,
): Promise<string | undefined> {
  const kept = await keepOnce(client, tenantId, file, reading);
  if (kept === undefined || kept === file.id) return kept;
  await dropFile(client, tenantId, file.id);
  // Its hour begins anew.
  await client.query(`UPDATE stored_files SET state = 'stored' WHERE tenant_id = $1 AND id = $2`, [
    tenantId,
    kept,
  ]);
  return kept;
}

async function keepOnce(
  client: Client,
  tenantId: string,
  file: WrittenFile,
  reading: 'pending' | null,
): Promise<string | undefined> {
  // Two files of one content take turns here.
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 40))', [
    `${tenantId} ${file.sha256}`,
  ]);
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM stored_files WHERE tenant_id = $1 AND sha256 = $2 AND state = 'stored' AND variant = 'original'
     FOR KEY SHARE`,
    [tenantId, file.sha256],
  );
  const known = rows[0]?.id;
  if (known !== undefined) return known;
  return (await markWritten(client, tenantId, file, reading)) ? file.id : undefined;
}
