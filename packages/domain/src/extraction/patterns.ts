import type { Found } from './types.ts';

/** One way of saying something: where, and what it means; null for "not meant so". */
export interface Pattern<T> {
  /** Global, with every repetition bounded, so that a search is linear in the text. */
  pattern: RegExp;
  resolve: (match: RegExpExecArray, context: T) => string | null | undefined;
  confidence?: number;
}

/**
 * All finds of several patterns in a text, in order; of those that overlap the longest stays, of equally long ones the
 * earlier pattern's. `undefined` from `resolve` discards a match, null keeps it without a normalised value.
 */
export function findAll<T>(text: string, patterns: readonly Pattern<T>[], context: T): Found[] {
  const found: Found[] = [];
  for (const { pattern, resolve, confidence = 0.9 } of patterns) {
    for (const match of allMatches(text, pattern)) {
      const normalised = resolve(match, context);
      if (normalised === undefined) continue;
      const value = match[0].trim();
      const start = match.index + match[0].indexOf(value);
      found.push({ start, end: start + value.length, value, normalised, confidence });
    }
  }
  return withoutOverlaps(found);
}

/**
 * As `text.matchAll(pattern)`, which copies the pattern each time: what a call costs is mostly that.
 * @param pattern global; its `lastIndex` is used
 */
export function allMatches(text: string, pattern: RegExp): RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    found.push(match);
    if (match[0] === '') pattern.lastIndex += 1;
  }
  return found;
}

/** The longest of overlapping finds, in the order of the text. */
export function withoutOverlaps<F extends { start: number; end: number }>(found: readonly F[]): F[] {
  const sorted = found
    .map((one, rank) => ({ one, rank }))
    .sort((a, b) => a.one.start - b.one.start || b.one.end - a.one.end || a.rank - b.rank);
  const kept: F[] = [];
  for (const { one } of sorted) {
    const last = kept.at(-1);
    if (!last || one.start >= last.end) kept.push(one);
    else if (one.end - one.start > last.end - last.start) kept[kept.length - 1] = one;
  }
  return kept;
}

/** Small numbers in words, English and Hindi in Latin letters. */
const numberWords: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  ek: 1,
  do: 2,
  teen: 3,
  tin: 3,
  char: 4,
  chaar: 4,
  paanch: 5,
  panch: 5,
  chhe: 6,
  che: 6,
  chhah: 6,
  saat: 7,
  sat: 7,
  aath: 8,
  ath: 8,
  nau: 9,
  das: 10,
  dus: 10,
  gyarah: 11,
  gyara: 11,
  barah: 12,
  bara: 12,
};

export function toNumber(word: string): number | null {
  const lower = word.toLowerCase();
  return /^\d{1,4}$/.test(lower) ? Number(lower) : (numberWords[lower] ?? null);
}
