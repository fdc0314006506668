import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { access, type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObjectStore } from './object-store.ts';
import { objectMissing, requireKey, storeUnavailable } from './store-errors.ts';

/**
 * Objects as files below a directory, which is made when it is first written to. A file stands under its name only when
 * all of it is on the disk.
 * @param root absolute or relative path
 */
export function createDirectoryStore(root: string): ObjectStore {
  const pathOf = (key: string) => join(root, requireKey(key));
  return {
    async put(key, body) {
      const path = pathOf(key);
      const part = `${path}.part`;
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeWhole(part, body);
        await rename(part, path);
        await syncDirectory(dirname(path));
      } catch (error) {
        await rm(part, { force: true }).catch(() => undefined);
        throw isSystemError(error) ? storeUnavailable(error) : error;
      }
    },
    async get(key, range) {
      const stream = createReadStream(pathOf(key), range);
      try {
        await once(stream, 'open');
      } catch (error) {
        throw isMissing(error) ? objectMissing(error) : storeUnavailable(error);
      }
      return stream;
    },
    async exists(key) {
      try {
        await access(pathOf(key));
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw storeUnavailable(error);
      }
    },
    async delete(key) {
      const path = pathOf(key);
      try {
        await rm(path, { force: true });
        await rm(`${path}.part`, { force: true });
      } catch (error) {
        throw storeUnavailable(error);
      }
    },
    close: () => undefined,
  };
}

async function writeWhole(path: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  const file: FileHandle = await open(path, 'w', 0o600);
  try {
    for await (const chunk of body) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Without it a new name may be forgotten when the machine goes down. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** One of the file system, not one that the body's own source threw. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined;
}
