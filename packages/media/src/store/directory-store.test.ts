import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeStore } from '../testing/store-contract.ts';
import { createDirectoryStore } from './directory-store.ts';
import { openStore } from './open-store.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'switchboard-store-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const body = (text: string) => Readable.from([Buffer.from(text)]);

describe('a directory', () => {
  describeStore(() => createDirectoryStore(join(root, 'contract')), 6 * 1024 * 1024);

  it('lets nobody else on the machine read', async () => {
    await createDirectoryStore(join(root, 'mine')).put('clinic/file', body('x'));
    expect((await stat(join(root, 'mine', 'clinic'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(root, 'mine', 'clinic', 'file'))).mode & 0o777).toBe(0o600);
  });

  it('removes with a file what a writer left that was killed', async () => {
    const store = createDirectoryStore(join(root, 'killed'));
    await store.put('clinic/whole', body('x'));
    await writeFile(join(root, 'killed', 'clinic', 'half.part'), 'x');
    expect(await store.exists('clinic/half')).toBe(false);
    await store.delete('clinic/half');
    expect(await readdir(join(root, 'killed', 'clinic'))).toEqual(['whole']);
  });

  it('says that it is away when it cannot be written to', async () => {
    await writeFile(join(root, 'a-file'), '');
    const store = createDirectoryStore(join(root, 'a-file', 'below'));
    await expect(store.put('clinic/file', body('x'))).rejects.toMatchObject({
      code: 'object_store_unavailable',
      retryable: true,
    });
  });
});

describe('openStore', () => {
  it.each(['path', 'url'])('opens a directory by its %s', async (form) => {
    const directory = join(root, form);
    const store = await openStore({
      RECORDINGS_URL: form === 'url' ? `file://${directory}` : directory,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_SESSION_TOKEN: undefined,
      AWS_REGION: 'us-east-1',
    });
    await store.put('clinic/file', body('x'));
    expect(await readdir(join(directory, 'clinic'))).toEqual(['file']);
    store.close();
  });
});
