import type { Readable } from 'node:stream';
import type { MediaStoreConfig } from './config.ts';
import { createKeyRing, type KeyRing, type SealedKey } from './sealing/key-ring.ts';
import { openChunks, sealChunks, sealedRange } from './sealing/sealed-chunks.ts';
import type { ByteRange, ObjectStore } from './store/object-store.ts';
import { openStore } from './store/open-store.ts';

/** A clinic's file, as its row names it. */
export interface FileName {
  tenantId: string;
  id: string;
}

export interface StoredFile extends FileName, SealedKey {
  /** Bytes before sealing. */
  size: number;
}

/** Files at rest: sealed on their way in, opened on their way out. */
export interface FileStore {
  keys: KeyRing;
  /** Writes a file whole or not at all. @param key {@link KeyRing.createKey} */
  write(file: FileName, key: Buffer, body: AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * Reads a file or a range of it; the store has answered when it resolves.
   * @throws SwitchboardError `object_missing`, `object_store_unavailable`, `key_unknown`; later `seal_broken`
   */
  read(file: StoredFile, range?: ByteRange): Promise<AsyncIterable<Buffer>>;
  exists(file: FileName): Promise<boolean>;
  remove(file: FileName): Promise<void>;
  close(): void;
}

/**
 * @param masterKey what seals files' keys where the settings have no `RECORDINGS_KEY`
 * @param oldMasterKeys what it was before
 */
export async function createFileStore(
  settings: MediaStoreConfig,
  masterKey: Buffer,
  oldMasterKeys: readonly Buffer[] = [],
): Promise<FileStore> {
  const old = settings.RECORDINGS_OLD_KEYS.map((text) => Buffer.from(text, 'base64'));
  // With the clinic's other secrets' key was sealed what came before there was one of its own.
  const keys = createKeyRing(settings.RECORDINGS_KEY ?? masterKey, [...old, masterKey, ...oldMasterKeys]);
  return sealFiles(await openStore(settings), keys);
}

/** Seals what a store keeps. */
export function sealFiles(store: ObjectStore, keys: KeyRing): FileStore {
  return {
    keys,
    write: (file, key, body) => store.put(keyOf(file), sealChunks(body, key)),
    async read(file, range = { start: 0, end: Math.max(0, file.size - 1) }) {
      const key = keys.open(file);
      const sealed = await store.get(keyOf(file), sealedRange(file.size, range));
      return endingWith(sealed, openChunks(sealed, { key, size: file.size, range }));
    },
    exists: (file) => store.exists(keyOf(file)),
    remove: (file) => store.delete(keyOf(file)),
    close: () => store.close(),
  };
}

/** Ids alone: where files lie tells nothing of what they are, and no two hold the same key. */
function keyOf({ tenantId, id }: FileName): string {
  return `${tenantId}/${id}`;
}

/** Whoever stops to read ends the store's stream with it; before the first read, too, when a generator has nothing to end. */
function endingWith(sealed: Readable, plain: AsyncGenerator<Buffer>): AsyncIterable<Buffer> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => plain.next(),
      return() {
        sealed.destroy();
        return plain.return(undefined);
      },
    }),
  };
}
