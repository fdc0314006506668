import { Readable } from 'node:stream';
import type { FileStore } from '@switchboard/media/file-store';
import type { ByteRange } from '@switchboard/media/store/object-store';
import { RequestProblem } from '@switchboard/platform/problem';
import type { FoundFile } from '@switchboard/postgres/media/find-files';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readRange } from './byte-range.ts';

/** What a request for a file comes to: bytes, its head alone, or nothing new. */
export type FileAnswer =
  | { kind: 'bytes'; range: ByteRange | undefined }
  | { kind: 'head' }
  | { kind: 'not_modified' };

/**
 * Whoever opens it in a browser runs nothing of it, and it reaches nothing of ours; a player or an image of our own page
 * is not bound by it.
 */
const filePolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";

/** What a request asks of a file. @throws RequestProblem 416 */
export function answerFor(request: FastifyRequest, file: FoundFile): FileAnswer {
  const { headers, method } = request;
  const tag = tagOf(file);
  const known = headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, '')) ?? [];
  if (known.includes(tag) || known.includes('*')) return { kind: 'not_modified' };
  if (method === 'HEAD') return { kind: 'head' };
  const condition = headers['if-range'];
  const range =
    condition === undefined || condition === tag ? readRange(headers.range, file.size) : undefined;
  if (range === 'unsatisfiable')
    throw new RequestProblem(416, 'range_not_satisfiable', 'The file has none of the bytes asked for.', {
      headers: { 'content-range': `bytes */${file.size}` },
    });
  return { kind: 'bytes', range };
}

export interface SendOptions {
  files: FileStore;
  tenantId: string;
  file: FoundFile;
  answer: FileAnswer;
  /** Whether a browser may show it by itself. */
  inline: boolean;
  /** Without what follows from its type; of ids alone. */
  name: string;
}

/** Answers with a file, or what was asked of it. The store has answered before the first header goes out. */
export async function sendFile(reply: FastifyReply, options: SendOptions): Promise<FastifyReply> {
  const { files, tenantId, file, answer, inline, name } = options;
  reply.headers({ etag: tagOf(file), 'accept-ranges': 'bytes' });
  if (answer.kind === 'not_modified') return reply.code(304).send();
  const range = answer.kind === 'bytes' ? answer.range : undefined;
  const body = answer.kind === 'bytes' ? await files.read({ ...file, tenantId }, range) : null;
  const length = range ? range.end + 1 - range.start : file.size;
  reply.code(range ? 206 : 200).headers({
    'content-type': file.contentType,
    'content-length': length,
    'content-disposition': `${inline ? 'inline' : 'attachment'}; filename="${name}.${endingOf(file.contentType)}"`,
    'content-security-policy': filePolicy,
    'x-content-type-options': 'nosniff',
    ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${file.size}` }),
  });
  return reply.send(body && Readable.from(body, { objectMode: false }));
}

function tagOf({ sha256 }: FoundFile): string {
  return `"${sha256}"`;
}

const endings: Record<string, string> = {
  'audio/mpeg': 'mp3',
  'audio/x-m4a': 'm4a',
  'image/jpeg': 'jpg',
  'video/3gpp': '3gp',
  'video/quicktime': 'mov',
  'application/octet-stream': 'bin',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
};

/** The ending of a file's name, by its type. */
function endingOf(type: string): string {
  const plain = type.split(';')[0] ?? '';
  return endings[plain] ?? (/^[a-z]+\/(?:x-)?([a-z0-9]{2,5})$/.exec(plain)?.[1] || 'bin');
}
