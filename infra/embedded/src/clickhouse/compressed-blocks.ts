import { zstdDecompressSync } from 'node:zlib';
import { compressSync, uncompressSync } from 'lz4-napi';
import { cityHash128 } from './city-hash.ts';
import { type ClickHouseException, exception } from './exception.ts';
import { createTake } from './take.ts';

/**
 * ClickHouse's own compression, which no header tells (`compress=1`, `decompress=1`). Each block is the CityHash128 of
 * the rest, a byte for the method, the size of method, sizes and data, the size of what they hold, and the data.
 */
const HASH_BYTES = 16;
const HEADER_BYTES = 9;

const LZ4 = 0x82;
const ZSTD = 0x90;
const NONE = 0x02;

/** What clients make is smaller by far: ClickHouse's own makes 1 MiB, Go's up to 10. One block is in memory at a time. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Each chunk becomes a block, or several of at most this size. */
const BLOCK_BYTES = 256 * 1024;

/** Packs into blocks of LZ4, as ClickHouse's server answers. */
export async function* encodeBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, undefined> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += BLOCK_BYTES) {
      yield encodeBlock(Buffer.from(chunk.subarray(at, at + BLOCK_BYTES)));
    }
  }
  return undefined;
}

function encodeBlock(bytes: Buffer): Buffer {
  // The library puts the size of what a block holds before it, which is where it belongs.
  const packed = compressSync(bytes);
  const head = Buffer.alloc(HEADER_BYTES - 4);
  head.writeUInt8(LZ4, 0);
  head.writeUInt32LE(head.length + packed.length, 1);
  const block = Buffer.concat([head, packed]);
  return Buffer.concat([cityHash128(block), block]);
}

/**
 * Unpacks blocks of LZ4, ZSTD or neither.
 *
 * @param options.verify whether checksums are compared
 * @throws ClickHouseException 40 for a wrong checksum, 39 for a block that is too large, 246 for sizes that can't be,
 *   432 for an unknown method, 271 for data that doesn't unpack, 33 for an end within a block
 */
export async function* decodeBlocks(
  chunks: AsyncIterable<Buffer>,
  { verify }: { readonly verify: boolean },
): AsyncGenerator<Buffer, undefined> {
  const take = createTake(chunks, cutOff);
  for (;;) {
    const head = await take(HASH_BYTES + HEADER_BYTES);
    if (head.length === 0) return undefined;
    const size = head.readUInt32LE(HASH_BYTES + 1);
    checkSizes(size, head.readUInt32LE(HASH_BYTES + 5));
    const data = await take(size - HEADER_BYTES);
    if (data.length < size - HEADER_BYTES) throw cutOff(0, size - HEADER_BYTES);
    const block = Buffer.concat([head.subarray(HASH_BYTES), data]);
    if (verify) checkHash(head.subarray(0, HASH_BYTES), block);
    yield unpack(block);
  }
}

function checkSizes(packed: number, unpacked: number): void {
  if (packed < HEADER_BYTES) {
    throw exception(
      246,
      'CORRUPTED_DATA',
      `Can't decompress data: the compressed data size (${packed}, this should include header size) is less than the header size (${HEADER_BYTES})`,
    );
  }
  if (packed > MOST_BYTES) throw tooLarge('size_compressed_without_checksum', packed);
  if (unpacked > MOST_BYTES) throw tooLarge('size_decompressed', unpacked);
}

function checkHash(reference: Buffer, block: Buffer): void {
  const actual = cityHash128(block);
  if (actual.equals(reference)) return;
  throw exception(
    40,
    'CHECKSUM_DOESNT_MATCH',
    `Checksum doesn't match: corrupted data. Reference: ${hexOf(reference)}. Actual: ${hexOf(actual)}. Size of compressed block: ${block.length}`,
  );
}

function unpack(block: Buffer): Buffer {
  const method = block.readUInt8(0);
  const size = block.readUInt32LE(5);
  if (method === NONE) return sized('NONE', size, block.subarray(HEADER_BYTES));
  if (method === LZ4) {
    return sized(
      'LZ4',
      size,
      attempt(() => uncompressSync(block.subarray(HEADER_BYTES - 4))),
    );
  }
  if (method === ZSTD) {
    const data = block.subarray(HEADER_BYTES);
    return sized(
      'ZSTD',
      size,
      attempt(() => zstdDecompressSync(data, { maxOutputLength: Math.max(size, 1) })),
    );
  }
  throw exception(432, 'UNKNOWN_CODEC', `Unknown codec family code: ${method}`);
}

function attempt(unpacking: () => Buffer): Buffer | undefined {
  try {
    return unpacking();
  } catch {
    return undefined;
  }
}

function sized(method: string, size: number, bytes: Buffer | undefined): Buffer {
  if (bytes?.length === size) return bytes;
  throw exception(271, 'CANNOT_DECOMPRESS', `Cannot decompress ${method}-encoded data`);
}

/** Its two numbers as ClickHouse prints them. */
function hexOf(hash: Buffer): string {
  return [0, 8].map((at) => hash.readBigUInt64LE(at).toString(16).padStart(16, '0')).join('');
}

function tooLarge(name: string, size: number): ClickHouseException {
  return exception(
    39,
    'TOO_LARGE_SIZE_COMPRESSED',
    `Too large ${name}: ${size}. Most likely corrupted data.`,
  );
}

function cutOff(have: number, wanted: number): ClickHouseException {
  return exception(
    33,
    'CANNOT_READ_ALL_DATA',
    `Cannot read all data. Bytes read: ${have}. Bytes expected: ${wanted}.`,
  );
}
