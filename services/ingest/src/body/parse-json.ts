import { isUtf8 } from 'node:buffer';

export type JsonObject = { [key: string]: unknown };

export type ParsedJson =
  | { ok: true; value: JsonObject }
  | { ok: false; reason: 'not_json' | 'not_an_object' | 'too_deep' };

/** Deeper nesting has no use in an event, and overflows the stack of what later walks or prints it. */
export const maxDepth = 100;

/**
 * NUL and halves of surrogate pairs (only escapes can write them), and numbers that a double doesn't hold: long
 * integers and large exponents. A number stands behind `:`, `,`, `[` or space, unlike the digits of hashes and ids.
 */
const needsTidying = /\\u(?:0000|d[89a-f])|(?<=[[:,\s])-?\d(?:\d{15}|[\d.]*e\+?\d{2})/i;

/**
 * Parses a body once. NUL characters are taken out, and halves of surrogate pairs replaced by U+FFFD: Postgres can
 * hold neither in text. Integers beyond 2^53 stay exact as `JSON.rawJSON`, so that unknown fields keep them when
 * they are written again.
 */
export function parseJson(body: Buffer): ParsedJson {
  if (!isUtf8(body)) return { ok: false, reason: 'not_json' };
  const nesting = measureNesting(body);
  if (nesting !== 'shallow') return { ok: false, reason: nesting === 'deep' ? 'too_deep' : 'not_json' };
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  try {
    const value: unknown = needsTidying.test(text) ? JSON.parse(text, tidy) : JSON.parse(text);
    return isJsonObject(value) ? { ok: true, value } : { ok: false, reason: 'not_an_object' };
  } catch {
    return { ok: false, reason: 'not_json' };
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJson(value);
}

/** `JSON.rawJSON` of ES2026, which TypeScript's ES2024 library doesn't know yet. */
interface RawJsonFunctions {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}
const rawJsonFunctions: RawJsonFunctions = {
  rawJSON: Reflect.get(JSON, 'rawJSON'),
  isRawJSON: Reflect.get(JSON, 'isRawJSON'),
};

function isRawJson(value: unknown): boolean {
  return rawJsonFunctions.isRawJSON(value);
}

function tidy(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === 'string') return tidyText(value);
  if (typeof value === 'number') return tidyNumber(value, context?.source);
  if (!isJsonObject(value) || Object.keys(value).every((key) => tidyText(key) === key)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [tidyText(key), member]));
}

function tidyText(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}

function tidyNumber(value: number, source: string | undefined): unknown {
  const isExact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  return isExact || source === undefined ? value : rawJsonFunctions.rawJSON(source);
}

/**
 * How deep arrays and objects stand in each other, without parsing: V8 takes a second for 5 MiB of `[`. Texts are
 * skipped by searching their closing quote.
 */
function measureNesting(body: Buffer): 'shallow' | 'deep' | 'unbalanced' {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index];
    if (byte === 0x22) {
      index = endOfText(body, index);
      if (index < 0) return 'unbalanced';
    } else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  if (deepest <= maxDepth) return 'shallow';
  return depth === 0 ? 'deep' : 'unbalanced';
}

/** Index of the quote that closes the text opened at `start`, or -1. */
function endOfText(body: Buffer, start: number): number {
  let quote = body.indexOf(0x22, start + 1);
  while (quote > 0) {
    let backslashes = 0;
    while (body[quote - 1 - backslashes] === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return quote;
    quote = body.indexOf(0x22, quote + 1);
  }
  return -1;
}
