import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliCompress, createDeflate, createGzip, createZstdCompress } from 'node:zlib';
import { encodeBlocks } from './compressed-blocks.ts';
import { type ClickHouseException, httpStatus } from './exception.ts';
import type { Outcome } from './execute.ts';
import { encodeLz4 } from './lz4-frame.ts';
import type { Packing } from './query-request.ts';
import type { Spool } from './spool.ts';

const ENCODERS = new Map<string, () => Duplex>([
  ['zstd', () => createZstdCompress()],
  ['br', () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
  ['lz4', () => Duplex.from(encodeLz4)],
  ['gzip', () => createGzip({ level: 3 })],
  ['deflate', () => createDeflate({ level: 3 })],
]);

const CONTENT_TYPES: ReadonlyArray<readonly [RegExp, string]> = [
  [
    /^JSON(Compact|Strings|CompactStrings|AsObject)?EachRow|^JSONLines$|^NDJSON$|^PrettyJSONEachRow$/,
    'application/x-ndjson; charset=UTF-8',
  ],
  [/^JSON/, 'application/json; charset=UTF-8'],
  [/^CSV/, 'text/csv; charset=UTF-8; header=absent'],
  [/^(TabSeparated|TSV)/, 'text/tab-separated-values; charset=UTF-8'],
  [/^XML$/, 'application/xml; charset=UTF-8'],
  [/^(Parquet|ORC|Arrow|Avro|Native|RowBinary|MsgPack|Protobuf|BSON)/, 'application/octet-stream'],
];

/** Files up to this size are sent at once. */
const SMALL_BYTES = 256 * 1024;

/** Answers with a statement's result and removes its file. */
export async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  outcome: Outcome,
  spool: Spool,
  packing: Packing,
): Promise<void> {
  try {
    response.setHeader('X-ClickHouse-Summary', JSON.stringify(outcome.summary));
    if (outcome.format) response.setHeader('X-ClickHouse-Format', outcome.format);
    response.setHeader('Content-Type', contentType(outcome.format));
    const size = outcome.file ? await spool.size(outcome.file) : outcome.bytes.length;
    const packers = size > 0 ? packersOf(request, response, packing) : [];
    if (request.method === 'HEAD') {
      response.end();
    } else if (packers.length > 0) {
      await pipeline([source(outcome), ...packers, response]);
    } else {
      response.setHeader('Content-Length', size);
      if (size > SMALL_BYTES) await pipeline(source(outcome), response);
      else response.end(outcome.file && size > 0 ? await readWhole(outcome.file) : outcome.bytes);
    }
  } finally {
    if (outcome.file) await spool.discard(outcome.file);
  }
}

/**
 * Answers with an exception: its code in a header, its text as the body, packed as the answer would have been.
 *
 * @param packing undefined of who isn't known yet
 */
export async function respondException(
  request: IncomingMessage,
  response: ServerResponse,
  error: ClickHouseException,
  version: string,
  packing?: Packing,
): Promise<void> {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.statusCode = httpStatus(error.code);
  response.removeHeader('Content-Length');
  response.setHeader('X-ClickHouse-Exception-Code', error.code);
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  if (error.code === 194 || error.code === 516) {
    response.setHeader('WWW-Authenticate', 'Basic realm="ClickHouse server HTTP API"');
  }
  const text = error.message.includes('(version ') ? error.message : `${error.message} (version ${version})`;
  const body = Readable.from([Buffer.from(`${text}\n`)]);
  await pipeline([body, ...packersOf(request, response, packing), response]);
}

/** What the answer passes through; says so in its header. */
function packersOf(request: IncomingMessage, response: ServerResponse, packing?: Packing): Duplex[] {
  const encoding = packing?.encoded ? acceptedEncoding(request) : undefined;
  if (encoding) response.setHeader('Content-Encoding', encoding.name);
  return [...(packing?.blocks ? [Duplex.from(encodeBlocks)] : []), ...(encoding ? [encoding.create()] : [])];
}

function source(outcome: Outcome): Readable {
  return outcome.file
    ? createReadStream(outcome.file, { highWaterMark: 256 * 1024 })
    : Readable.from([outcome.bytes]);
}

async function readWhole(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function acceptedEncoding(request: IncomingMessage): { readonly name: string; create(): Duplex } | undefined {
  for (const part of (request.headers['accept-encoding'] ?? '').split(',')) {
    const name = part.replace(/;.*/, '').trim();
    const create = ENCODERS.get(name);
    if (create) return { name, create };
  }
  return undefined;
}

function contentType(format: string): string {
  return CONTENT_TYPES.find(([pattern]) => pattern.test(format))?.[1] ?? 'text/plain; charset=UTF-8';
}
