import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FileStore, type StoredFile, sealFiles } from './file-store.ts';
import { createKeyRing } from './sealing/key-ring.ts';
import { createDirectoryStore } from './store/directory-store.ts';

const plain = randomBytes(200_000);
let root: string;
let files: FileStore;
let file: StoredFile;
/** What the store gave out. */
let opened: Readable[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'switchboard-files-'));
  const store = createDirectoryStore(root);
  const get: typeof store.get = async (...asked) => {
    const stream = await store.get(...asked);
    opened.push(stream);
    return stream;
  };
  files = sealFiles({ ...store, get }, createKeyRing(randomBytes(32)));
  const { key, ...sealed } = files.keys.createKey();
  file = { tenantId: 'clinic', id: 'file', size: plain.length, ...sealed };
  await files.write(file, key, Readable.from([plain]));
});
beforeEach(() => {
  opened = [];
});
afterAll(() => rm(root, { recursive: true, force: true }));

const closed = () => expect.poll(() => opened.map((stream) => stream.closed));

describe('the stored file is closed', () => {
  it('once all of it is read', async () => {
    expect((await buffer(await files.read(file))).equals(plain)).toBe(true);
    await closed().toEqual([true]);
  });

  it('when its reader stops in the middle', async () => {
    for await (const _ of await files.read(file)) break;
    await closed().toEqual([true]);
  });

  it('when its reader stops before it began', async () => {
    await (await files.read(file))[Symbol.asyncIterator]().return?.();
    await closed().toEqual([true]);
  });

  it.each([undefined, new Error('gone')])(
    'when a client goes before any of it is sent: %s',
    async (reason) => {
      const answer = Readable.from(await files.read(file), { objectMode: false });
      answer.on('error', () => undefined);
      answer.destroy(reason);
      await closed().toEqual([true]);
    },
  );
});
