import { createHash, randomUUID } from 'node:crypto';
import { mediaStoreShape } from '@switchboard/media/config';
import { createFileStore, type FileStore } from '@switchboard/media/file-store';
import { loadConfig } from '@switchboard/platform';
import { testSecretsKey } from './api-stack.ts';
import type { ApiClinic } from './clinic.ts';

export interface FileToStore {
  bytes: Buffer;
  contentType: string;
  peaks?: number[];
  /** Of the file that it was made of. */
  made?: { variant: 'thumbnail' | 'view'; of: string };
}

/** The files of a test's API, written as the jobs write them. */
export interface TestFiles {
  store: FileStore;
  /** @returns the file's id */
  write(clinic: ApiClinic, file: FileToStore): Promise<string>;
}

/** @param url `RECORDINGS_URL` of the API */
export async function openTestFiles(url: string): Promise<TestFiles> {
  const store = await createFileStore(loadConfig(mediaStoreShape, { RECORDINGS_URL: url }), testSecretsKey);
  return {
    store,
    async write(clinic, { bytes, contentType, peaks, made }) {
      const id = randomUUID();
      const { key, keyId, sealedKey } = store.keys.createKey();
      async function* body() {
        yield bytes;
      }
      await store.write({ tenantId: clinic.tenantId, id }, key, body());
      await clinic.run(
        `INSERT INTO stored_files (tenant_id, id, state, variant, original_id, key_id, sealed_key, content_type, size_bytes,
           sha256, reading, peaks, duration_ms)
         VALUES ($1, $2, 'stored', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
        [
          id,
          made?.variant ?? 'original',
          made?.of ?? null,
          keyId,
          sealedKey,
          contentType,
          bytes.length,
          createHash('sha256').update(bytes).digest('hex'),
          peaks ? 'done' : null,
          peaks ?? null,
          peaks ? 2_000 : null,
        ],
      );
      return id;
    },
  };
}
