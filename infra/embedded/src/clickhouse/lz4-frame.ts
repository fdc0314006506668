import { compressSync } from 'lz4-napi';
import { createTake, type Take } from './take.ts';

/**
 * Decodes LZ4 frames (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md, 1.6.4), one block in memory at a time.
 * Node's zlib has no LZ4, and it is what `clickhouse-connect` sends inserts in. Checksums are passed over: the transport
 * has its own.
 *
 * @throws Error when the bytes are no LZ4 frames.
 */
export async function* decodeLz4(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  const take = createTake(chunks, () => new Error('an LZ4 frame that is cut off'));
  for (;;) {
    const magic = await take(4);
    if (magic.length === 0) return undefined;
    const number = magic.readUInt32LE();
    if (number >>> 4 === SKIPPABLE >>> 4) await skip(take, (await take(4)).readUInt32LE());
    else if (number === FRAME) yield* decodeFrame(take);
    else throw new Error('not an LZ4 frame');
  }
}

/**
 * Encodes what is given as one LZ4 frame, each chunk as blocks of their own, without checksums: the transport has them.
 *
 * @returns nothing when nothing is given
 */
export async function* encodeLz4(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, undefined> {
  let begun = false;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += BLOCK_BYTES) {
      if (!begun) yield HEADER;
      begun = true;
      yield* encodeBlock(Buffer.from(chunk.subarray(at, at + BLOCK_BYTES)));
    }
  }
  if (begun) yield END;
  return undefined;
}

/** Version 1, blocks by themselves of at most 256 KiB, and the checksum of that. */
const HEADER = Buffer.from('04224d186050fb', 'hex');
const BLOCK_BYTES = 256 * 1024;
const END = Buffer.alloc(4);

const FRAME = 0x184d2204;
const SKIPPABLE = 0x184d2a50;
const HISTORY_BYTES = 64 * 1024;
const STORED = 0x80000000;
const SKIP_BYTES = 64 * 1024;

async function* decodeFrame(take: Take): AsyncGenerator<Buffer, undefined> {
  const [flags = 0, sizes = 0] = await take(2);
  const sizeId = (sizes >> 4) & 7;
  if (flags >> 6 !== 1 || sizeId < 4) throw new Error('an LZ4 frame of another version');
  if (flags & 1) throw new Error('an LZ4 frame that needs a dictionary');
  const blockBytes = 4 ** sizeId * 256;
  // The content's size, if it is told, and the header's checksum.
  await take((flags & 8 ? 8 : 0) + 1);
  const output = Buffer.alloc(HISTORY_BYTES + blockBytes);
  let history = 0;
  for (;;) {
    const size = (await take(4)).readUInt32LE();
    if (size === 0) break;
    const length = size % STORED;
    if (length > blockBytes) throw new Error('an LZ4 block that is too large');
    const input = await take(length);
    const end = size >= STORED ? history + input.copy(output, history) : decodeBlock(input, output, history);
    if (end - history > blockBytes) throw new Error('an LZ4 block that is too large');
    yield Buffer.from(output.subarray(history, end));
    if (flags & 16) await take(4);
    // What the next block may refer to.
    const kept = flags & 32 ? 0 : Math.min(end, HISTORY_BYTES);
    output.copyWithin(0, end - kept, end);
    history = kept;
  }
  if (flags & 4) await take(4);
  return undefined;
}

function* encodeBlock(bytes: Buffer): Generator<Buffer, undefined> {
  // Before the block the library puts the size of what it holds.
  const packed = compressSync(bytes).subarray(4);
  const stored = packed.length >= bytes.length;
  const size = Buffer.alloc(4);
  size.writeUInt32LE(stored ? bytes.length + STORED : packed.length);
  yield size;
  yield stored ? bytes : packed;
  return undefined;
}

/** Decodes one block behind what stands in `output` up to `start`. @returns where it ends */
function decodeBlock(input: Buffer, output: Buffer, start: number): number {
  let from = 0;
  let to = start;
  const lengthFrom = (nibble: number) => {
    let length = nibble;
    for (let more = nibble === 15 ? 255 : 0; more === 255; length += more) more = input.readUInt8(from++);
    return length;
  };
  while (from < input.length) {
    const token = input.readUInt8(from++);
    const literals = lengthFrom(token >> 4);
    if (from + literals > input.length || to + literals > output.length)
      throw new Error('a broken LZ4 block');
    input.copy(output, to, from, from + literals);
    from += literals;
    to += literals;
    if (from === input.length) break;
    const offset = input.readUInt16LE(from);
    from += 2;
    const length = lengthFrom(token & 15) + 4;
    if (offset === 0 || offset > to || to + length > output.length) throw new Error('a broken LZ4 block');
    const end = to + length;
    // A match may reach into what it makes: then it is the same few bytes again and again, doubled at each turn.
    for (let done = offset; to < end; done *= 2) {
      const bytes = Math.min(done, end - to);
      output.copyWithin(to, to - done, to - done + bytes);
      to += bytes;
    }
  }
  return to;
}

async function skip(take: Take, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= SKIP_BYTES) await take(Math.min(left, SKIP_BYTES));
}
