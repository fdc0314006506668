import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { createZstdCompress } from 'node:zlib';
import { decodeBlocks, encodeBlocks } from './compressed-blocks.ts';
import { ADMIN, type TestServer } from './test-server.ts';

const ROWS_PER_CHUNK = 256;
const TEXT_BYTES = 1022;
/** 8 bytes of the id, 2 of the text's length. */
const ROW_BYTES = 10 + TEXT_BYTES;
const SAMPLE_MS = 20;

export interface Transfer {
  readonly bytes: number;
  /** Of all its bytes: rows come back in another order. */
  readonly sum: number;
  /** The most resident memory that the server had while it ran. */
  readonly residentBytes: number;
}

/** `blocks` are ClickHouse's own; the others are HTTP's. */
export type Encoding = 'identity' | 'zstd' | 'blocks';

/** Inserts that many bytes of random rows, which no compression makes smaller, as RowBinary. */
export async function putRows(
  server: TestServer,
  table: string,
  bytes: number,
  encoding: Encoding,
): Promise<Transfer> {
  await server.read(`CREATE TABLE ${table} (id UInt64, text String) ENGINE = MergeTree ORDER BY id`);
  // What merges hold is not the transfer's.
  await server.read(`SYSTEM STOP MERGES ${table}`);
  let sum = 0;
  let sent = 0;
  const rows = async function* () {
    for (let id = 0; sent < bytes; id += ROWS_PER_CHUNK) {
      const chunk = randomRows(id);
      sum += sumOf(chunk);
      sent += chunk.length;
      yield chunk;
    }
  };
  const residentBytes = await mostResident(server, async () => {
    const blocks = encoding === 'blocks';
    const plain = Readable.from(blocks ? encodeBlocks(rows()) : rows());
    const body = encoding === 'zstd' ? plain.pipe(createZstdCompress()) : plain;
    const search = { query: `INSERT INTO ${table} FORMAT RowBinary`, decompress: blocks ? '1' : '0' };
    const headers = { 'content-encoding': blocks ? 'identity' : encoding };
    await (await post(server, search, headers, Readable.toWeb(body))).arrayBuffer();
  });
  return { bytes: sent, sum, residentBytes };
}

/** Reads what {@link putRows} has put. */
export async function getRows(server: TestServer, table: string, encoding: Encoding): Promise<Transfer> {
  let sum = 0;
  let bytes = 0;
  const residentBytes = await mostResident(server, async () => {
    const query = `SELECT * FROM ${table} FORMAT RowBinary`;
    const blocks = encoding === 'blocks';
    const search = { enable_http_compression: '1', compress: blocks ? '1' : '0' };
    const accepted = blocks ? 'identity' : encoding;
    const response = await post(server, search, { 'accept-encoding': accepted }, query);
    if ((response.headers.get('content-encoding') ?? 'identity') !== accepted)
      throw new Error('not encoded so');
    const chunks = received(response);
    for await (const chunk of blocks ? decodeBlocks(chunks, { verify: true }) : chunks) {
      sum += sumOf(chunk);
      bytes += chunk.length;
    }
  });
  return { bytes, sum, residentBytes };
}

/** `fetch` has undone HTTP's encoding. */
async function* received({ body }: Response): AsyncGenerator<Buffer, undefined> {
  for await (const chunk of body ?? []) yield Buffer.from(chunk);
  return undefined;
}

async function post(
  server: TestServer,
  search: Record<string, string>,
  headers: Record<string, string>,
  body: RequestInit['body'],
): Promise<Response> {
  const url = new URL(server.engine.url);
  for (const [name, value] of Object.entries(search)) url.searchParams.set(name, value);
  const login = { 'X-ClickHouse-User': ADMIN.name, 'X-ClickHouse-Key': ADMIN.password };
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...login, ...headers },
    body,
    duplex: 'half',
  });
  if (response.status !== 200) throw new Error(await response.text());
  return response;
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 1) sum += bytes[at] ?? 0;
  return sum;
}

function randomRows(firstId: number): Buffer {
  const chunk = randomBytes(ROWS_PER_CHUNK * ROW_BYTES);
  for (let row = 0; row < ROWS_PER_CHUNK; row += 1) {
    const at = row * ROW_BYTES;
    chunk.writeBigUInt64LE(BigInt(firstId + row), at);
    // The length as a varint.
    chunk.writeUInt8((TEXT_BYTES & 0x7f) | 0x80, at + 8);
    chunk.writeUInt8(TEXT_BYTES >> 7, at + 9);
  }
  return chunk;
}

async function mostResident(server: TestServer, work: () => Promise<void>): Promise<number> {
  let most = 0;
  let sampled = Promise.resolve();
  const sample = async () => {
    most = Math.max(most, await server.residentBytes());
  };
  const timer = setInterval(() => {
    sampled = sampled.then(sample);
  }, SAMPLE_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
    await sampled;
  }
  return most;
}
