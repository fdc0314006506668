import { createCipheriv, createDecipheriv } from 'node:crypto';
import { SwitchboardError } from '@switchboard/platform';
import type { ByteRange } from '../store/object-store.ts';

/**
 * A sealed file is its bytes in chunks of 64 KiB, each sealed by itself (AES-256-GCM, its tag behind it), so that a range
 * is opened without reading the rest. The nonce is the chunk's number and whether it is the last: chunks can't be left
 * out, swapped or cut off unseen. No key seals two files.
 */
const chunkBytes = 64 * 1024;
const tagBytes = 16;
const algorithm = 'aes-256-gcm';
const options = { authTagLength: tagBytes };

/** Seals a file as it comes. @param key 32 bytes that seal nothing else */
export async function* sealChunks(source: AsyncIterable<Uint8Array>, key: Buffer): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let index = 0;
  for await (const part of source) {
    waiting.push(part);
    waitingBytes += part.length;
    if (waitingBytes <= chunkBytes) continue;
    const bytes = Buffer.concat(waiting);
    let at = 0;
    // One chunk or less is kept back: only the end tells whether it is the last.
    for (; bytes.length - at > chunkBytes; at += chunkBytes) {
      yield sealChunk(bytes.subarray(at, at + chunkBytes), key, index, false);
      index += 1;
    }
    waiting = [bytes.subarray(at)];
    waitingBytes = bytes.length - at;
  }
  yield sealChunk(Buffer.concat(waiting), key, index, true);
}

/** How long a file of so many bytes is when it is sealed. */
export function sealedSize(size: number): number {
  return size + chunkCount(size) * tagBytes;
}

/** Which bytes of the sealed file hold a range of the plain one. */
export function sealedRange(size: number, { start, end }: ByteRange): ByteRange {
  const [first, last] = [Math.floor(start / chunkBytes), Math.floor(end / chunkBytes)];
  const sealedChunk = chunkBytes + tagBytes;
  return { start: first * sealedChunk, end: Math.min(sealedSize(size), (last + 1) * sealedChunk) - 1 };
}

export interface OpenOptions {
  key: Buffer;
  /** Of the whole plain file. */
  size: number;
  /** Of the plain file, within it. */
  range: ByteRange;
}

/**
 * Opens a range.
 * @param sealed just what {@link sealedRange} names
 * @throws SwitchboardError `seal_broken` before any byte of a chunk that was changed, or where the file was cut off
 */
export async function* openChunks(
  sealed: AsyncIterable<Uint8Array>,
  { key, size, range }: OpenOptions,
): AsyncGenerator<Buffer> {
  const lastIndex = chunkCount(size) - 1;
  let index = Math.floor(range.start / chunkBytes);
  const through = Math.floor(range.end / chunkBytes);
  for await (const chunk of regroup(sealed)) {
    if (index > through) throw broken();
    const plain = openChunk(chunk, key, index, index === lastIndex);
    const offset = index * chunkBytes;
    yield plain.subarray(Math.max(0, range.start - offset), Math.min(plain.length, range.end + 1 - offset));
    index += 1;
  }
  if (index !== through + 1) throw broken();
}

async function* regroup(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const size = chunkBytes + tagBytes;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  for await (const part of source) {
    waiting.push(part);
    waitingBytes += part.length;
    if (waitingBytes < size) continue;
    const bytes = Buffer.concat(waiting);
    let at = 0;
    for (; bytes.length - at >= size; at += size) yield bytes.subarray(at, at + size);
    waiting = [bytes.subarray(at)];
    waitingBytes = bytes.length - at;
  }
  if (waitingBytes > 0) yield Buffer.concat(waiting);
}

function chunkCount(size: number): number {
  return Math.max(1, Math.ceil(size / chunkBytes));
}

function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt8(isLast ? 1 : 0, 0);
  nonce.writeUInt32BE(index, 8);
  return nonce;
}

function sealChunk(plain: Uint8Array, key: Buffer, index: number, isLast: boolean): Buffer {
  const cipher = createCipheriv(algorithm, key, nonceOf(index, isLast), options);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function openChunk(sealed: Buffer, key: Buffer, index: number, isLast: boolean): Buffer {
  try {
    const decipher = createDecipheriv(algorithm, key, nonceOf(index, isLast), options);
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]);
  } catch (cause) {
    throw broken(cause);
  }
}

function broken(cause?: unknown): SwitchboardError {
  return new SwitchboardError(
    'seal_broken',
    'a stored file was changed, cut off, or sealed with another key',
    { cause },
  );
}
