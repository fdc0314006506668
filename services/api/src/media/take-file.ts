import type { Readable } from 'node:stream';
import { uuidV7 } from '@switchboard/domain/ids';
import type { FileStore } from '@switchboard/media/file-store';
import { measured } from '@switchboard/media/measured';
import { isReadable } from '@switchboard/media/reading/read-file';
import { sniffBytes, sniffType } from '@switchboard/media/types/content-type';
import { mostOutgoingBytes, outgoingLimit } from '@switchboard/media/types/outgoing-type';
import { readHead } from '@switchboard/media/types/read-head';
import { SwitchboardError } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import { type Pool, withTenant } from '@switchboard/postgres';
import { dropFile, openFile, storeWritten } from '@switchboard/postgres/media/files';

export interface TakeFileOptions {
  pool: Pool;
  files: FileStore;
  now(): number;
}

export interface TakenFile {
  id: string;
  contentType: string;
  size: number;
}

/**
 * Takes a file that staff will send: by what it is, not by what is said of it, sealed as it comes, and kept once. What is
 * refused or broken off leaves a row by which the upkeep removes its object.
 * @param declared what the sender says that it is
 * @throws RequestProblem 413, 415, 422
 */
export async function takeFile(
  options: TakeFileOptions,
  tenantId: string,
  source: Readable,
  declared: string | undefined,
): Promise<TakenFile> {
  // A request that is not read to its end is still to be answered.
  const pieces = source.iterator({ destroyOnReturn: false });
  try {
    return await takePieces(options, tenantId, pieces, declared);
  } catch (error) {
    // What is left goes by unread: else the sender's next request waits behind it on the same connection, for ever.
    await pieces.return?.();
    source.resume();
    throw error;
  }
}

async function takePieces(
  { pool, files, now }: TakeFileOptions,
  tenantId: string,
  pieces: AsyncIterable<Buffer>,
  declared: string | undefined,
): Promise<TakenFile> {
  const { head, body } = await readHead(pieces, sniffBytes);
  if (head.length === 0) throw new RequestProblem(422, 'invalid_request', 'There is no file in the request.');
  const contentType = await sniffType(head, 'media', declared ?? null).catch((error: unknown) => {
    throw error instanceof SwitchboardError && error.code === 'wrong_type' ? notTaken() : error;
  });
  const most = outgoingLimit(contentType);
  if (most === undefined) throw notTaken();
  const id = uuidV7(now());
  const { key, keyId, sealedKey } = files.keys.createKey();
  await withTenant(pool, tenantId, (client) =>
    openFile(client, { tenantId, id, variant: 'original', originalId: null, keyId, sealedKey }),
  );
  const passing = measured(atMost(body, most));
  try {
    await files.write({ tenantId, id }, key, passing.body);
  } catch (error) {
    await withTenant(pool, tenantId, (client) => dropFile(client, tenantId, id));
    throw error;
  }
  const { size, sha256 } = passing.result();
  const reading = isReadable(contentType) ? 'pending' : null;
  const kept = await withTenant(pool, tenantId, (client) =>
    storeWritten(client, tenantId, { id, contentType, size, sha256 }, reading),
  );
  if (kept === undefined) throw new Error('a file that was just written is not given up');
  return { id: kept, contentType, size };
}

/** @throws RequestProblem 413 by what is announced: before a byte is read */
export function checkLength(declared: string | undefined): void {
  if (Number(declared ?? 0) > mostOutgoingBytes) throw tooLarge(mostOutgoingBytes);
}

async function* atMost(body: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most) throw tooLarge(most);
    yield chunk;
  }
}

function tooLarge(most: number): RequestProblem {
  return new RequestProblem(413, 'file_too_large', `A file of this type may have ${most} bytes at most.`);
}

function notTaken(): RequestProblem {
  const fix = 'a picture (JPEG, PNG, WebP), sound, a video (MP4), a PDF or a document of Office';
  return new RequestProblem(
    415,
    'file_type_not_taken',
    'WhatsApp takes no such file, or it is not what it says.',
    {
      errors: [{ location: 'body', message: 'is of another type', fix }],
    },
  );
}
