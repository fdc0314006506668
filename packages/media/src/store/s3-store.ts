import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ObjectStore } from './object-store.ts';
import { objectMissing, requireKey, storeUnavailable } from './store-errors.ts';

export interface S3StoreOptions {
  bucket: string;
  /** Before every key, without slashes at its ends; empty: none. */
  prefix: string;
  region: string;
  /** Of a server that is not Amazon's; addressed by path. */
  endpoint?: string;
  /** Unset: as the SDK finds them, e.g. the machine's role. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

/** What one upload holds in memory; larger objects go in parts of it. */
const partBytes = 5 * 1024 * 1024;

/** Objects in a bucket of Amazon S3 or of a server that speaks its protocol. */
export function createS3Store({ bucket, prefix, ...options }: S3StoreOptions): ObjectStore {
  const client = new S3Client({
    region: options.region,
    endpoint: options.endpoint,
    forcePathStyle: options.endpoint !== undefined,
    credentials: options.credentials,
    maxAttempts: 3,
    // Servers that are not Amazon's do not all know the newer checksums; what is stored is authenticated anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 3_000, socketTimeout: 30_000 },
  });
  const nameOf = (key: string) => ({
    Bucket: bucket,
    Key: prefix === '' ? requireKey(key) : `${prefix}/${requireKey(key)}`,
  });

  async function abortUploads(name: { Bucket: string; Key: string }): Promise<void> {
    const { Uploads = [] } = await client.send(
      new ListMultipartUploadsCommand({ Bucket: name.Bucket, Prefix: name.Key }),
    );
    for (const { Key, UploadId } of Uploads)
      if (Key === name.Key) await client.send(new AbortMultipartUploadCommand({ ...name, UploadId }));
  }

  return {
    async put(key, body) {
      const name = nameOf(key);
      const source = watch(body);
      try {
        await new Upload({
          client,
          params: {
            ...name,
            Body: Readable.from(source.body),
            ContentType: 'application/octet-stream',
          },
          partSize: partBytes,
          queueSize: 1,
        }).done();
      } catch (error) {
        throw source.failed() ?? storeUnavailable(error);
      }
    },
    async get(key, range) {
      const name = nameOf(key);
      const Range = range && `bytes=${range.start}-${range.end}`;
      try {
        const { Body } = await client.send(new GetObjectCommand({ ...name, Range }));
        if (Body instanceof Readable) return Body;
      } catch (error) {
        throw isMissing(error) ? objectMissing(error) : storeUnavailable(error);
      }
      throw objectMissing();
    },
    async exists(key) {
      const name = nameOf(key);
      try {
        await client.send(new HeadObjectCommand(name));
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw storeUnavailable(error);
      }
    },
    async delete(key) {
      const name = nameOf(key);
      try {
        await client.send(new DeleteObjectCommand(name));
        await abortUploads(name);
      } catch (error) {
        throw storeUnavailable(error);
      }
    },
    close: () => client.destroy(),
  };
}

/** Tells an error of the body's own source from one of the store. */
function watch(body: AsyncIterable<Uint8Array>) {
  let failure: unknown;
  async function* watched() {
    try {
      yield* body;
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  return { body: watched(), failed: () => failure };
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    (error.name === 'NoSuchKey' || error.$metadata.httpStatusCode === 404)
  );
}
