import type { IncomingMessage } from 'node:http';
import { RequestProblem } from '@switchboard/platform/problem';
import { mediaOf } from '../admission/media.ts';
import { parseJson, parseJsonValue } from '../body/parse-json.ts';
import { invalidBody, notParsed, type Rejection } from '../events/rejections.ts';

/**
 * How a request carries CloudEvents (HTTP Protocol Binding 1.0.2): whole in the body, its attributes in headers, or many
 * in one body.
 */
export type ContentMode = 'structured' | 'binary' | 'batch';

export const structuredType = 'application/cloudevents+json';
export const batchType = 'application/cloudevents-batch+json';

/** As many as one batch may hold. */
const maxBatch = 1_000;

/** @throws RequestProblem 415 */
export function contentModeOf(request: IncomingMessage): ContentMode {
  const media = mediaOf(request, [structuredType, batchType, 'application/json']);
  if (media === batchType) return 'batch';
  if (media === structuredType) return 'structured';
  if (request.headers['ce-specversion'] !== undefined || request.headers['ce-id'] !== undefined)
    return 'binary';
  throw new RequestProblem(415, 'unsupported_media_type', `Send ${structuredType}, or ce- headers.`, {
    headers: { 'accept-post': `${structuredType}, ${batchType}` },
  });
}

/** What a body holds: events that nobody has looked at yet, or why there are none in it. */
export type Content = { ok: true; events: readonly unknown[] } | { ok: false; rejection: Rejection };

export function readContent(
  mode: ContentMode,
  body: Buffer,
  request: Pick<IncomingMessage, 'headers'>,
): Content {
  if (mode === 'batch') return readBatch(body);
  const json = mode === 'binary' ? parseJsonValue(body) : parseJson(body);
  if (!json.ok) return { ok: false, rejection: notParsed[json.reason] };
  if (mode === 'structured') return { ok: true, events: [json.value] };
  return { ok: true, events: [{ ...attributesOf(request), data: json.value }] };
}

/**
 * A body of binary mode as an event in JSON, which says as much as the body and its headers did. What is not JSON is
 * Base64 there.
 */
export function asStructured(body: Buffer, request: Pick<IncomingMessage, 'headers'>): Buffer {
  const json = parseJsonValue(body);
  const data = json.ok ? { data: json.value } : { data_base64: body.toString('base64') };
  return Buffer.from(JSON.stringify({ ...attributesOf(request), ...data }));
}

function readBatch(body: Buffer): Content {
  const json = parseJsonValue(body);
  if (!json.ok) return { ok: false, rejection: notParsed[json.reason] };
  const { value } = json;
  if (!Array.isArray(value)) return { ok: false, rejection: noArray };
  return value.length > maxBatch ? { ok: false, rejection: tooMany } : { ok: true, events: value };
}

/** Attributes of binary mode: the headers that begin with `ce-`, percent-decoded (§3.1.3.2). */
function attributesOf({ headers }: Pick<IncomingMessage, 'headers'>): Record<string, string> {
  const named = Object.entries(headers).filter(([name]) => name.startsWith('ce-'));
  const attributes = named.map(([name, value]) => [name.slice(3), decode([value ?? ''].flat().join(', '))]);
  return { ...Object.fromEntries(attributes), datacontenttype: headers['content-type'] };
}

/** A text that is no percent-encoding stays as it is. */
function decode(value: string): string {
  const text = Buffer.from(value, 'latin1').toString('utf8');
  try {
    return decodeURIComponent(text).replaceAll('\u0000', '');
  } catch {
    return text;
  }
}

const noArray = invalidBody([
  { location: '', message: 'is not an array', fix: 'Send a JSON array of CloudEvents.' },
]);
const tooMany = invalidBody([
  { location: '', message: 'holds too many events', fix: `Send at most ${maxBatch} in one batch.` },
]);
