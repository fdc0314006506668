import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openChunks, sealChunks, sealedRange, sealedSize } from './sealed-chunks.ts';

const key = randomBytes(32);
const chunk = 64 * 1024;
const sizes = [0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 3 * chunk + 17];

const split = (bytes: Buffer, pieces: readonly number[]) => {
  const parts: Buffer[] = [];
  let at = 0;
  for (const piece of pieces) {
    parts.push(bytes.subarray(at, at + piece));
    at += piece;
  }
  return Readable.from([...parts, bytes.subarray(at)].filter(({ length }) => length > 0));
};
const seal = (plain: Buffer, pieces: readonly number[] = []) => buffer(sealChunks(split(plain, pieces), key));
const open = (sealed: Buffer, size: number, range: { start: number; end: number }, by = key) => {
  const { start, end } = sealedRange(size, range);
  return buffer(openChunks(split(sealed.subarray(start, end + 1), [7, 100_000]), { key: by, size, range }));
};
const whole = (size: number) => ({ start: 0, end: Math.max(0, size - 1) });
const broken = { code: 'seal_broken' };

describe('sealed chunks', () => {
  it.each(sizes)('opens all of %i bytes again', async (size) => {
    const plain = randomBytes(size);
    const sealed = await seal(plain);
    expect(sealed).toHaveLength(sealedSize(size));
    expect((await open(sealed, size, whole(size))).equals(plain)).toBe(true);
  });

  it('opens any range as the slice that it is, however the bytes came', async () => {
    const size = fc.oneof(fc.constantFrom(...sizes.slice(1)), fc.integer({ min: 1, max: 300_000 }));
    const range = size.chain((length) =>
      fc.tuple(
        fc.constant(length),
        fc.integer({ min: 0, max: length - 1 }),
        fc.integer({ min: 0, max: length - 1 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        range,
        fc.array(fc.integer({ min: 0, max: 150_000 }), { maxLength: 5 }),
        async (asked, pieces) => {
          const [length, one, other] = asked;
          const [start, end] = [Math.min(one, other), Math.max(one, other)];
          const plain = randomBytes(length);
          const opened = await open(await seal(plain, pieces), length, { start, end });
          expect(opened.equals(plain.subarray(start, end + 1))).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('reads no more than two chunks for a range that lies across their border', () => {
    const { start, end } = sealedRange(10 * chunk, { start: 3 * chunk - 1, end: 3 * chunk });
    expect(end + 1 - start).toBe(2 * (chunk + 16));
  });

  it('hides what it seals', async () => {
    const plain = Buffer.alloc(200_000, 'Asha Rao ');
    const sealed = await seal(plain);
    expect(sealed.includes('Asha Rao')).toBe(false);
    expect(sealed.subarray(0, chunk).equals(sealed.subarray(chunk + 16, 2 * chunk + 16))).toBe(false);
  });

  it('refuses a changed byte, another key, and chunks left out, swapped, repeated or cut off', async () => {
    const size = 3 * chunk;
    const sealed = await seal(randomBytes(size));
    const chunks = [0, 1, 2].map((index) =>
      sealed.subarray(index * (chunk + 16), (index + 1) * (chunk + 16)),
    );
    const [first = sealed, second = sealed, third = sealed] = chunks;
    const changed = Buffer.from(sealed);
    changed[chunk + 20] = (changed[chunk + 20] ?? 0) ^ 1;
    for (const forged of [
      changed,
      Buffer.concat([first, third]),
      Buffer.concat([second, first, third]),
      Buffer.concat([first, second]),
      Buffer.concat([first, second, second]),
      Buffer.concat([first, second, third, third]),
      sealed.subarray(0, -1),
      Buffer.alloc(0),
    ]) {
      const opened = openChunks(split(forged, []), { key, size, range: whole(size) });
      await expect(buffer(opened)).rejects.toMatchObject(broken);
    }
    await expect(open(sealed, size, whole(size), randomBytes(32))).rejects.toMatchObject(broken);
    // Said to be shorter than it is.
    await expect(open(sealed, 2 * chunk, whole(2 * chunk))).rejects.toMatchObject(broken);
  });
});
