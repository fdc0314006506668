import type { Queryable } from '../pool.ts';
import type { FileVariant } from './files.ts';

/** All that is needed to hand a file out. */
export interface FoundFile {
  id: string;
  contentType: string;
  size: number;
  sha256: string;
  keyId: string;
  sealedKey: Buffer;
}

/** How a recording or a medium stands. */
export interface FoundMedia {
  state: 'pending' | 'stored' | 'failed' | 'expired';
  /** Why it was not fetched. */
  failure: string | null;
  /** Whether its peaks, or thumbnail and view, are made; null: they can't be, or nothing is stored. */
  reading: 'pending' | 'done' | 'failed' | null;
  peaks: number[] | null;
  durationMs: number | null;
  /** Null unless it is stored; of a variant also where it is not made. */
  file: FoundFile | null;
}

/** A call's recording of the open transaction's tenant. */
export function findRecording(
  db: Queryable,
  tenantId: string,
  callId: string,
): Promise<FoundMedia | undefined> {
  return find(db, 'voice_call_recordings x', 'x.call_id = $3', 'original', [tenantId, callId]);
}

/** A file of a message of the open transaction's tenant. */
export function findMessageMedia(
  db: Queryable,
  tenantId: string,
  { messageId, position, variant }: { messageId: string; position: number; variant: FileVariant },
): Promise<FoundMedia | undefined> {
  return find(db, 'message_media x', 'x.message_id = $3 AND x.position = $4', variant, [
    tenantId,
    messageId,
    position,
  ]);
}

async function find(
  db: Queryable,
  table: string,
  key: string,
  variant: FileVariant,
  [tenantId, ...values]: readonly unknown[],
): Promise<FoundMedia | undefined> {
  const { rows } = await db.query<Omit<FoundMedia, 'file'> & { [K in keyof FoundFile]: FoundFile[K] | null }>(
    `SELECT x.state, x.failure, o.reading, o.peaks, o.duration_ms AS "durationMs", f.id, f.content_type AS "contentType",
       f.size_bytes AS size, f.sha256, f.key_id AS "keyId", f.sealed_key AS "sealedKey"
     FROM ${table}
     LEFT JOIN stored_files o ON o.tenant_id = x.tenant_id AND o.id = x.file_id
     LEFT JOIN stored_files f ON f.tenant_id = x.tenant_id AND f.state = 'stored' AND f.variant = $2
       AND (f.id = x.file_id OR f.original_id = x.file_id)
     WHERE x.tenant_id = $1 AND ${key}`,
    [tenantId, variant, ...values],
  );
  const [row] = rows;
  if (!row) return undefined;
  const { id, contentType, size, sha256, keyId, sealedKey, ...media } = row;
  const isWhole =
    id !== null &&
    contentType !== null &&
    size !== null &&
    sha256 !== null &&
    keyId !== null &&
    sealedKey !== null;
  return { ...media, file: isWhole ? { id, contentType, size, sha256, keyId, sealedKey } : null };
}
