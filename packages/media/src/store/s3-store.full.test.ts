import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from '@switchboard/embedded';
import { loadConfig } from '@switchboard/platform';
import { type S3Server, startS3Server } from '@switchboard/testkit/s3-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mediaStoreShape } from '../config.ts';
import { createFileStore } from '../file-store.ts';
import { describeStore } from '../testing/store-contract.ts';
import type { ObjectStore } from './object-store.ts';
import { openStore } from './open-store.ts';

/** A server of one's own, e.g. `s3://bucket?endpoint=http://127.0.0.1:7070`, with the usual credentials beside it. */
const given = process.env.SWITCHBOARD_TEST_S3_URL;
const credentials = {
  AWS_ACCESS_KEY_ID: process.env.AWS_ACCESS_KEY_ID ?? 'test',
  AWS_SECRET_ACCESS_KEY: process.env.AWS_SECRET_ACCESS_KEY ?? 'test-secret',
};
let server: S3Server | undefined;
let address: URL;
let store: ObjectStore;

const settings = (url: string) => loadConfig(mediaStoreShape, { RECORDINGS_URL: url, ...credentials });

beforeAll(async () => {
  if (given === undefined) server = await startS3Server();
  address = new URL(given ?? `s3://${server?.bucket}/switchboard?endpoint=${server?.endpoint}`);
  store = await openStore(settings(address.href));
});
afterAll(async () => {
  store?.close();
  await server?.stop();
});

describe('a bucket', () => {
  describeStore(() => store, 11 * 1024 * 1024 + 7);

  it('loses with an object the parts that a writer left that was killed', async () => {
    const client = new S3Client({
      region: 'us-east-1',
      endpoint: address.searchParams.get('endpoint') ?? undefined,
      forcePathStyle: true,
      credentials: {
        accessKeyId: credentials.AWS_ACCESS_KEY_ID,
        secretAccessKey: credentials.AWS_SECRET_ACCESS_KEY,
      },
    });
    const Bucket = address.hostname;
    const key = `clinic/${randomUUID()}`;
    const prefix = address.pathname.replaceAll(/^\/+|\/+$/g, '');
    const Key = prefix === '' ? key : `${prefix}/${key}`;
    await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const uploads = async () =>
      (await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }))).Uploads ?? [];
    expect(await uploads()).toHaveLength(1);
    await store.delete(key);
    expect(await uploads()).toEqual([]);
    client.destroy();
  });

  it('keeps sealed files, of which any range is opened', async () => {
    const files = await createFileStore(settings(address.href), randomBytes(32));
    const file = { tenantId: randomUUID(), id: randomUUID() };
    const { key, ...sealed } = files.keys.createKey();
    const plain = randomBytes(6 * 1024 * 1024);
    async function* body() {
      yield plain;
    }
    await files.write(file, key, body());
    const range = { start: 100_000, end: 5_000_000 };
    const read = await buffer(await files.read({ ...file, ...sealed, size: plain.length }, range));
    expect(read.equals(plain.subarray(range.start, range.end + 1))).toBe(true);
    await files.remove(file);
    expect(await files.exists(file)).toBe(false);
    files.close();
  });
});

describe('a bucket that is away', () => {
  it('is said to be away, and to come again', async () => {
    const away = await openStore(settings(`s3://bucket?endpoint=http://127.0.0.1:${await freePort()}`));
    await expect(away.get('clinic/file')).rejects.toMatchObject({
      code: 'object_store_unavailable',
      retryable: true,
    });
    away.close();
  });

  it('is said to be away where it answers with errors', async () => {
    const failing = createServer((_request, response) => response.writeHead(503).end());
    await once(failing.listen(0, '127.0.0.1'), 'listening');
    const where = failing.address();
    const port = typeof where === 'object' && where !== null ? where.port : 0;
    const away = await openStore(settings(`s3://bucket?endpoint=http://127.0.0.1:${port}`));
    await expect(away.exists('clinic/file')).rejects.toMatchObject({ code: 'object_store_unavailable' });
    away.close();
    failing.close();
  });
});
