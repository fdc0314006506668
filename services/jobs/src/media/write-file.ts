import { uuidV7 } from '@switchboard/domain/ids';
import type { FileStore } from '@switchboard/media/file-store';
import { measured } from '@switchboard/media/measured';
import type { OnStep } from '@switchboard/platform';
import { type Pool, withTenant } from '@switchboard/postgres';
import { dropFile, type FileVariant, openFile, type WrittenFile } from '@switchboard/postgres/media/files';
import { forgetFile } from '@switchboard/postgres/media/old-files';

/** Where a process stands between two effects on files, in the order of what is fetched, read, and of no use. */
export type FileStep =
  | 'file-noted'
  | 'media-written'
  | 'media-marked'
  | 'reading-made'
  | 'reading-marked'
  | 'file-removed';

export interface WriteOptions {
  pool: Pool;
  files: FileStore;
  now(): number;
  onStep?: OnStep<FileStep>;
}

export interface FileToWrite {
  tenantId: string;
  variant: FileVariant;
  originalId: string | null;
  contentType: string;
  body: AsyncIterable<Uint8Array>;
}

/**
 * Notes a file, seals it and writes it. It counts for nothing until its row says that it is stored.
 * Where it throws, the object is removed, now or by the upkeep.
 */
export async function writeFile(options: WriteOptions, file: FileToWrite): Promise<WrittenFile> {
  const { pool, files, now, onStep } = options;
  const { tenantId, variant, originalId, contentType, body } = file;
  const id = uuidV7(now());
  const { key, keyId, sealedKey } = files.keys.createKey();
  await withTenant(pool, tenantId, (client) =>
    openFile(client, { tenantId, id, variant, originalId, keyId, sealedKey }),
  );
  await onStep?.('file-noted');
  const passing = measured(body);
  try {
    await files.write({ tenantId, id }, key, passing.body);
  } catch (error) {
    // Where this fails too, the upkeep finds the row.
    await removeFile(options, tenantId, id).catch(() => undefined);
    throw error;
  }
  return { id, contentType, ...passing.result() };
}

/** Removes a file that nothing needs: its row stays until its object is gone. */
export async function removeFile(
  { pool, files, onStep }: WriteOptions,
  tenantId: string,
  id: string,
): Promise<void> {
  await withTenant(pool, tenantId, (client) => dropFile(client, tenantId, id));
  await files.remove({ tenantId, id });
  await onStep?.('file-removed');
  await withTenant(pool, tenantId, (client) => forgetFile(client, tenantId, id));
}
