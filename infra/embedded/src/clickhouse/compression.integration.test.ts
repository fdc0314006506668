import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { decompressFrameSync } from 'lz4-napi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeBlocks, encodeBlocks } from './compressed-blocks.ts';
import { ADMIN, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

interface Packed {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/** Posts a body, and gives the answer as it came. */
async function post(
  body: Uint8Array<ArrayBuffer> | ReadableStream,
  search: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Packed> {
  const url = new URL(server.engine.url);
  for (const [name, value] of Object.entries(search)) url.searchParams.set(name, value);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'X-ClickHouse-User': ADMIN.name, 'X-ClickHouse-Key': ADMIN.password, ...headers },
    body,
    duplex: 'half',
  });
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

const collect = async (chunks: AsyncIterable<Buffer>) =>
  new Uint8Array(Buffer.concat(await Readable.from(chunks).toArray()));
const pack = (text: string) => collect(encodeBlocks(Readable.from([Buffer.from(text)])));
const unpack = async (bytes: Buffer) =>
  Buffer.from(await collect(decodeBlocks(Readable.from([bytes]), { verify: true }))).toString();

describe('an answer by compress=1', () => {
  it.each([
    ['a small one', 'SELECT 1', '1\n'],
    ['one of a statement that is no SELECT', 'EXISTS TABLE nope', '0\n'],
    ['none', 'SELECT 1 WHERE 0', ''],
  ])('comes in blocks: %s', async (_, query, text) => {
    const { status, bytes } = await post(new Uint8Array(Buffer.from(query)), { compress: '1' });
    expect([status, await unpack(bytes)]).toEqual([200, text]);
    expect(bytes.equals(Buffer.from(text))).toBe(text === '');
  });

  it('comes in many blocks when it is large, within another encoding too', async () => {
    const query = new Uint8Array(Buffer.from('SELECT number FROM numbers(1000000)'));
    const { bytes } = await post(query, { compress: '1' });
    const text = await unpack(bytes);
    expect([text.length, text.slice(-7)]).toEqual([6_888_890, '999999\n']);
    expect(bytes.length).toBeLessThan(text.length);
    const search = { compress: '1', enable_http_compression: '1' };
    const both = await post(query, search, { 'accept-encoding': 'lz4' });
    expect(both.headers.get('content-encoding')).toBe('lz4');
    expect(decompressFrameSync(both.bytes).equals(bytes)).toBe(true);
  });

  it('is an exception in blocks, but for a login that fails, as with ClickHouse', async () => {
    const wrong = await post(new Uint8Array(Buffer.from('SELECT nope')), { compress: '1' });
    expect([wrong.status, wrong.headers.get('x-clickhouse-exception-code')]).toEqual([404, '47']);
    expect(await unpack(wrong.bytes)).toMatch(/^Code: 47\. DB::Exception: /);
    const stranger = await post(
      new Uint8Array(),
      { compress: '1', query: 'SELECT 1' },
      { 'X-ClickHouse-Key': 'wrong' },
    );
    expect(stranger.bytes.toString()).toMatch(/^Code: 516\. /);
  });
});

it.each(['snappy', 'constructor'])(
  'an encoding that is none is refused in a body, and not chosen: %s',
  async (name) => {
    const query = new Uint8Array(Buffer.from('SELECT 1'));
    const refused = await post(query, {}, { 'content-encoding': name });
    expect([refused.status, refused.headers.get('x-clickhouse-exception-code')]).toEqual([415, '779']);
    const plain = await post(query, { enable_http_compression: '1' }, { 'accept-encoding': name });
    expect([plain.bytes.toString(), plain.headers.get('content-encoding')]).toEqual(['1\n', null]);
  },
);

describe('a body by decompress=1', () => {
  it('is unpacked, a query as well as rows', async () => {
    const asked = await post(await pack("SELECT length('".concat('x'.repeat(5000), "')")), {
      decompress: '1',
    });
    expect(asked.bytes.toString()).toBe('5000\n');
    await server.read('CREATE TABLE packed (a UInt32) ENGINE = MergeTree ORDER BY a');
    const rows = Array.from({ length: 200_000 }, (_, a) => `${a}\n`).join('');
    const query = 'INSERT INTO packed FORMAT TSV';
    const into = await post(await pack(rows), { decompress: '1', query });
    expect([into.status, into.bytes.toString()]).toEqual([200, '']);
    const gzipped = new Uint8Array(gzipSync(await pack('200000\n')));
    await post(gzipped, { decompress: '1', query }, { 'content-encoding': 'gzip' });
    expect(await server.read('SELECT count(), uniqExact(a), max(a) FROM packed')).toBe(
      '200001\t200001\t200000',
    );
  });

  it('that is damaged is refused whole, unless the client wants no checksums', async () => {
    await server.read('CREATE TABLE intact (a UInt32) ENGINE = MergeTree ORDER BY a');
    const rows = await pack('1\n');
    const damaged = await collect(Readable.from([Buffer.from(rows), Buffer.from(rows)]));
    damaged[rows.length] = (damaged[rows.length] ?? 0) ^ 1;
    const search = { decompress: '1', query: 'INSERT INTO intact FORMAT TSV' };
    const refused = await post(damaged, search);
    expect(refused.headers.get('x-clickhouse-exception-code')).toBe('40');
    expect(refused.bytes.toString()).toContain('(CHECKSUM_DOESNT_MATCH) (version 26');
    expect(await server.read('SELECT count() FROM intact')).toBe('0');
    const trusted = { ...search, http_native_compression_disable_checksumming_on_decompress: '1' };
    expect((await post(damaged, trusted)).status).toBe(200);
    expect(await server.read('SELECT count() FROM intact')).toBe('2');
  });

  it('may be large: 128 MB of rows go in, and come out', async () => {
    await server.read('CREATE TABLE much (id UInt64, s String) ENGINE = MergeTree ORDER BY id');
    const line = 'x'.repeat(1000);
    const rows = async function* () {
      for (let id = 0; id < 128_000; id += 100) {
        yield Buffer.from(Array.from({ length: 100 }, (_, n) => `${id + n}\t${line}\n`).join(''));
      }
    };
    const packed = Readable.toWeb(Readable.from(encodeBlocks(rows())));
    const into = await post(packed, { decompress: '1', query: 'INSERT INTO much FORMAT TSV' });
    expect([into.status, into.bytes.toString()]).toEqual([200, '']);
    const out = await post(new Uint8Array(Buffer.from('SELECT * FROM much FORMAT TSV')), { compress: '1' });
    expect((await unpack(out.bytes)).split('\n').length).toBe(128_001);
  });

  it('may be packed by ZSTD or not at all', async () => {
    // A frame whose block is packed elsewhere: the client's own choice.
    const method = (byte: number, data: Buffer, size: number) => {
      const block = Buffer.alloc(25 + data.length);
      block.writeUInt8(byte, 16);
      block.writeUInt32LE(data.length + 9, 17);
      block.writeUInt32LE(size, 21);
      data.copy(block, 25);
      return block;
    };
    const query = Buffer.from("SELECT 'packed'");
    const search = {
      decompress: '1',
      http_native_compression_disable_checksumming_on_decompress: '1',
    };
    for (const block of [method(0x90, zstdCompressSync(query), query.length), method(2, query, query.length)])
      expect((await post(new Uint8Array(block), search)).bytes.toString()).toBe('packed\n');
  });
});

it('an answer is packed as an LZ4 frame when the client wants that', async () => {
  const ask = (query: string) =>
    post(
      new Uint8Array(Buffer.from(query)),
      { enable_http_compression: '1' },
      { 'accept-encoding': 'lz4, gzip' },
    );
  const large = await ask('SELECT number FROM numbers(1000000)');
  expect(large.headers.get('content-encoding')).toBe('lz4');
  expect(decompressFrameSync(large.bytes).length).toBe(6_888_890);
  expect(decompressFrameSync((await ask("SHOW DATABASES LIKE 'switch%'")).bytes).toString()).toBe(
    'switchboard\n',
  );
  expect((await ask('SELECT 1 WHERE 0')).bytes.length).toBe(0);
  const wrong = await ask('SELECT nope');
  expect(wrong.headers.get('x-clickhouse-exception-code')).toBe('47');
  expect(decompressFrameSync(wrong.bytes).toString()).toMatch(/^Code: 47\. /);
});
