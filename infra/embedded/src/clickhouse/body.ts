import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { decodeBlocks } from './compressed-blocks.ts';
import { exception } from './exception.ts';
import { decodeLz4 } from './lz4-frame.ts';

/** The decoded body of a request: its beginning, and what follows it. */
export interface Body {
  readonly head: Buffer;
  /** Nothing follows the head. */
  readonly complete: boolean;
  /** What follows the head; to be read once. */
  readonly rest: AsyncIterable<Buffer>;
}

/** Whether a body is packed into ClickHouse's own blocks, and whether their checksums are compared. */
export type Blocks = 'none' | 'verified' | 'unverified';

/** The body of a request that has none. */
export const EMPTY_BODY: Body = { head: Buffer.alloc(0), complete: true, rest: Readable.from([]) };

/** A query longer than this is refused; rows of an INSERT may follow without limit. */
export const HEAD_BYTES = 1024 * 1024;

const DECODERS = new Map<string, () => NodeJS.ReadWriteStream>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

/**
 * Reads the beginning of a request's body, decoding its Content-Encoding and then, where the client says so, ClickHouse's
 * own blocks.
 *
 * @throws ClickHouseException 779 for an encoding that isn't known, 271 when the body doesn't decode, and what
 *   `decodeBlocks` throws.
 */
export async function readBody(request: IncomingMessage, blocks: Blocks): Promise<Body> {
  const bytes = decoded(request);
  const plain = blocks === 'none' ? bytes : decodeBlocks(bytes, { verify: blocks === 'verified' });
  const chunks = plain[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  let size = 0;
  while (size < HEAD_BYTES) {
    const next = await chunks.next();
    if (next.done) return { head: Buffer.concat(head), complete: true, rest: Readable.from([]) };
    head.push(next.value);
    size += next.value.length;
  }
  return { head: Buffer.concat(head), complete: false, rest: { [Symbol.asyncIterator]: () => chunks } };
}

async function* decoded(request: IncomingMessage): AsyncGenerator<Buffer, undefined> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') {
    yield* buffers(request);
    return undefined;
  }
  if (encoding === 'lz4') {
    yield* lz4(request);
    return undefined;
  }
  const create = DECODERS.get(encoding);
  if (!create)
    throw exception(779, 'UNSUPPORTED_MEDIA_TYPE', `Unknown Content-Encoding: ${encoding.slice(0, 32)}`);
  const decoder = create();
  request.on('error', (error) => decoder.emit('error', error));
  try {
    yield* buffers(request.pipe(decoder));
  } catch (error) {
    if (request.errored) throw error;
    throw exception(271, 'CANNOT_DECOMPRESS', `Cannot decode the ${encoding} request body`);
  }
  return undefined;
}

async function* lz4(request: IncomingMessage): AsyncGenerator<Buffer, undefined> {
  try {
    yield* decodeLz4(buffers(request));
  } catch (error) {
    if (request.errored) throw error;
    throw exception(271, 'CANNOT_DECOMPRESS', 'Cannot decode the lz4 request body');
  }
  return undefined;
}

async function* buffers(stream: NodeJS.ReadableStream): AsyncGenerator<Buffer, undefined> {
  for await (const chunk of stream) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
  return undefined;
}
