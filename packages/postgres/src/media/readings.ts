import type { Client, Queryable } from '../pool.ts';
import { dropFile, markWritten, type WrittenFile } from './files.ts';

/** A stored file of which something is to be made. */
export interface ClaimedReading {
  tenantId: string;
  id: string;
  contentType: string;
  size: number;
  keyId: string;
  sealedKey: Buffer;
  /** This attempt's number, from 1. */
  attempt: number;
}

/** Claims one file of the open transaction's tenant. The attempt counts at once; it is another's to make after `leaseMs`. */
export async function claimReading(
  client: Queryable,
  tenantId: string,
  leaseMs: number,
): Promise<ClaimedReading | undefined> {
  const { rows } = await client.query<ClaimedReading>(
    `UPDATE stored_files f SET reading_attempts = reading_attempts + 1,
       reading_at = now() + make_interval(secs => $2::float8 / 1000)
     WHERE f.tenant_id = $1 AND f.id = (SELECT id FROM stored_files
       WHERE tenant_id = $1 AND state = 'stored' AND reading = 'pending' AND reading_at <= now()
       ORDER BY reading_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING f.tenant_id AS "tenantId", f.id, f.content_type AS "contentType", f.size_bytes AS size, f.key_id AS "keyId",
       f.sealed_key AS "sealedKey", f.reading_attempts AS attempt`,
    [tenantId, leaseMs],
  );
  return rows[0];
}

/** What was made of a file. */
export interface Made {
  peaks?: readonly number[];
  durationMs?: number;
  images?: readonly WrittenFile[];
}

/** Keeps what was made of a file. @returns false when the file went meanwhile, or somebody else made it: nothing is kept */
export async function markRead(
  client: Client,
  { tenantId, id }: ClaimedReading,
  { peaks, durationMs, images = [] }: Made,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE stored_files SET reading = 'done', peaks = $3, duration_ms = $4
     WHERE tenant_id = $1 AND id = $2 AND state = 'stored' AND reading = 'pending'`,
    [tenantId, id, peaks ?? null, durationMs ?? null],
  );
  for (const image of images)
    if (rowCount !== 1 || !(await markWritten(client, tenantId, image, null)))
      await dropFile(client, tenantId, image.id);
  return rowCount === 1;
}

/** Gives a claimed file back as if nothing had been begun. @param at when it may be claimed again */
export async function releaseReading(
  client: Queryable,
  { tenantId, id }: ClaimedReading,
  at: Date,
): Promise<void> {
  await client.query(
    `UPDATE stored_files SET reading_attempts = greatest(0, reading_attempts - 1), reading_at = $3
     WHERE tenant_id = $1 AND id = $2 AND reading = 'pending'`,
    [tenantId, id, at],
  );
}

/** Ends an attempt of which nothing came. @param retryAt when it is tried again; null: no more */
export async function markUnread(
  client: Queryable,
  { tenantId, id }: ClaimedReading,
  retryAt: Date | null,
): Promise<void> {
  await client.query(
    `UPDATE stored_files SET reading = CASE WHEN $3::timestamptz IS NULL THEN 'failed' ELSE reading END,
       reading_at = coalesce($3, reading_at)
     WHERE tenant_id = $1 AND id = $2 AND reading = 'pending'`,
    [tenantId, id, retryAt],
  );
}
