import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { decodeBlocks, encodeBlocks } from './compressed-blocks.ts';

const text = Array.from({ length: 300 }, (_, i) => `switchboard ${i % 7} `).join('');

/** By other implementations: Python's lz4, zstandard and clickhouse-cityhash. */
const blocks = {
  LZ4: '7daIK5jLUmZM95JIJQS8tYJLAAAAaBAAAOhzd2l0Y2hib2FyZCAwIA4AGTEOABkyDgAZMw4AGTQOABk1DgAZNg4AD2IA////////////////////8VByZCA1IA==',
  ZSTD: '41unmdS00DHpyLvPov1PvJDDAAAAaBAAACi1L/1gaA+FBQCm0yUSsCdjAI0gEdJNDVMlJUXqJQ4GJAAeAB4AU+5yyl1OucspdznlLqfc5ZS7nHKXU+5yGhkCQ1EADAIIQuIQ5ZS7nHKXU+5yyl1OucspdznlLqfc5ZS7nHKXU+4ydznlLqfc5ZS7nHKXU+5yyl1OucspdznlLqfc5ZQ7w+WUu5xyl1PucspdTrnLKXc55S6n3OWUu5xyl1MCgSuoEeDvd+HPARG8wh9JJplhGgKoqg==',
  'ZSTD that does not tell its size':
    '1DmVqYtRQrIax7LVZlZ8mJDCAAAAaBAAACi1L/0AGIUFAKbTJRKwJ2MAjSAR0k0NUyUlReolDgYkAB4AHgBT7nLKXU65yyl3OeUup9zllLuccpdT7nIaGQJDUQAMAghC4hDllLuccpdT7nLKXU65yyl3OeUup9zllLuccpdT7jJ3OeUup9zllLuccpdT7nLKXU65yyl3OeUup9zllDvD5ZS7nHKXU+5yyl1OucspdznlLqfc5ZS7nHKXUwKBK6gR4O934c8BEbzCH0kmmWEaAqiq',
};
const plainBlock = Buffer.from('zrFoNFDUTedal+21f1oVUAIUAAAACwAAAHN3aXRjaGJvYXJk', 'base64');
const lz4Block = Buffer.from(blocks.LZ4, 'base64');

async function decode(bytes: Buffer, pieces = bytes.length, verify = true): Promise<Buffer> {
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += pieces) yield bytes.subarray(at, at + pieces);
  };
  return Buffer.concat(await Readable.from(decodeBlocks(chunks(), { verify })).toArray());
}

async function encode(chunks: Buffer[]): Promise<Buffer> {
  return Buffer.concat(await Readable.from(encodeBlocks(Readable.from(chunks))).toArray());
}

/** A copy in which some bytes are others. */
function changed(bytes: Buffer, at: number, to: string): Buffer {
  const copy = Buffer.from(bytes);
  Buffer.from(to, 'hex').copy(copy, at);
  return copy;
}

describe("ClickHouse's compressed blocks", () => {
  it.each(Object.entries(blocks))('of %s are unpacked, whole and byte by byte', async (_, base64) => {
    const bytes = Buffer.from(base64, 'base64');
    expect((await decode(bytes)).toString()).toBe(text);
    expect((await decode(bytes, 1)).toString()).toBe(text);
  });

  it('are unpacked one after another, whatever each is packed by', async () => {
    const both = Buffer.concat([plainBlock, lz4Block, plainBlock]);
    expect((await decode(both, 7)).toString()).toBe(`switchboard${text}switchboard`);
    expect(await decode(Buffer.alloc(0))).toEqual(Buffer.alloc(0));
  });

  it('come back as they went out, what does not pack and what is larger than a block too', async () => {
    const parts = [randomBytes(300_000), Buffer.alloc(1_000_000, 'a'), Buffer.alloc(0), Buffer.from('x')];
    const packed = await encode(parts);
    expect(packed.length).toBeLessThan(320_000);
    expect((await decode(packed, 65_536)).equals(Buffer.concat(parts))).toBe(true);
    expect(await encode([])).toEqual(Buffer.alloc(0));
  });

  it('that are damaged anywhere are refused as ClickHouse refuses them', async () => {
    for (let at = 0; at < lz4Block.length; at += 1) {
      const damaged = Buffer.from(lz4Block);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      await expect(decode(damaged)).rejects.toMatchObject({ name: 'ClickHouseException' });
    }
    await expect(decode(changed(lz4Block, 40, '00'))).rejects.toThrow(
      /^Code: 40\. DB::Exception: Checksum doesn't match: corrupted data\. Reference: 6652cb982b88d6edb5bc04254892f74c\. Actual: [0-9a-f]{32}\. Size of compressed block: 75 \(CHECKSUM_DOESNT_MATCH\)$/,
    );
  });

  it('that are cut off are refused', async () => {
    for (let size = 1; size < lz4Block.length; size += 1)
      await expect(decode(lz4Block.subarray(0, size))).rejects.toMatchObject({ code: 33 });
  });

  it.each([
    ['packed into more than may be in memory', 17, '01000001', 39],
    ['of more than may be in memory', 21, '01000001', 39],
    ['smaller than their own header', 17, '08000000', 246],
    ['packed by a method that is none', 16, '91', 432],
    ['that hold more than they tell', 21, '67100000', 271],
    ['that hold less than they tell', 21, '69100000', 271],
    ['that are no LZ4', 25, 'ffffffffffffff', 271],
  ])('%s are refused, checksum or not', async (_, at, to, code) => {
    await expect(decode(changed(lz4Block, at, to), 1000, false)).rejects.toMatchObject({ code });
  });

  it.each([
    ['that hold more than they tell', 21, '67100000'],
    ['that hold less than they tell', 21, '69100000'],
    ['that are no ZSTD', 25, '00'],
  ])('of ZSTD %s are refused', async (_, at, to) => {
    const block = changed(Buffer.from(blocks.ZSTD, 'base64'), at, to);
    await expect(decode(block, 1000, false)).rejects.toMatchObject({ code: 271 });
  });

  it('are taken with a wrong checksum by who wants that', async () => {
    expect((await decode(changed(lz4Block, 0, '00'), 1000, false)).toString()).toBe(text);
  });
});
