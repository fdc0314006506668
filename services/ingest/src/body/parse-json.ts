import { isUtf8 } from 'node:buffer';

export type JsonObject = { [key: string]: unknown };

export type ParsedJson =
  | { ok: true; value: JsonObject }
  | { ok: false; reason: 'not_json' | 'not_an_object' | 'too_deep' };

/** Deeper nesting has no use in an event, and overflows the stack of what later walks or prints it. */
export const maxDepth = 100;

/** NUL and halves of surrogate pairs: only escapes can write them. */
const needsTidying = /\\u(?:0000|d[89a-f])/i;

/**
 * Parses a body once. NUL characters are taken out, and halves of surrogate pairs replaced by U+FFFD: Postgres can
 * hold neither in text. Integers beyond 2^53 stay exact as `JSON.rawJSON`, so that unknown fields keep them when
 * they are written again.
 */
export function parseJson(body: Buffer): ParsedJson {
  const parsed = parseJsonValue(body);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  return isJsonObject(value) ? { ok: true, value } : { ok: false, reason: 'not_an_object' };
}

/** As {@link parseJson}, of any JSON value. */
export function parseJsonValue(
  body: Buffer,
): { ok: true; value: unknown } | { ok: false; reason: 'not_json' | 'too_deep' } {
  if (!isUtf8(body)) return { ok: false, reason: 'not_json' };
  const { nesting, hardNumbers } = scan(body);
  if (nesting !== 'shallow') return { ok: false, reason: nesting === 'deep' ? 'too_deep' : 'not_json' };
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  try {
    const untidy = hardNumbers || (text.includes('\\u') && needsTidying.test(text));
    return { ok: true, value: untidy ? JSON.parse(text, tidy) : JSON.parse(text) };
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

interface Scan {
  nesting: 'shallow' | 'deep' | 'unbalanced';
  /** Whether there may be numbers that a double doesn't hold: of 16 digits or more, or with an exponent. */
  hardNumbers: boolean;
}

/**
 * Looks at what stands outside texts, without parsing: how deep arrays and objects stand in each other (V8 takes a second
 * for 5 MiB of `[`), and which numbers there are. Texts are skipped by searching their closing quote.
 */
function scan(body: Buffer): Scan {
  let depth = 0;
  let deepest = 0;
  let digits = 0;
  let hardNumbers = false;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index] ?? 0;
    if (byte >= 0x30 && byte <= 0x39) {
      digits += 1;
      if (digits >= 16) hardNumbers = true;
      continue;
    }
    // `1e400`, `1E+400`; behind a point no digit makes an integer.
    if ((byte | 0x20) === 0x65 && digits !== 0) hardNumbers = true;
    digits = byte === 0x2e ? Number.NEGATIVE_INFINITY : 0;
    if (byte === 0x22) {
      index = endOfText(body, index);
      if (index < 0) return { nesting: 'unbalanced', hardNumbers };
    } else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  if (deepest <= maxDepth) return { nesting: 'shallow', hardNumbers };
  return { nesting: depth === 0 ? 'deep' : 'unbalanced', hardNumbers };
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
