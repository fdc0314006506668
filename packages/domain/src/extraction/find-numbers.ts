import { foldDigits } from '../digits.ts';
import { toE164 } from '../phone.ts';
import { digitWords, teens, teenWords, tens, tensWords } from './number-words.ts';
import { allMatches, withoutOverlaps } from './patterns.ts';
import type { Found } from './types.ts';

export type DigitRun = Found & { digits: string };

const one = Object.keys(digitWords).join('|');
const times = '(?:(?:double|triple|dubble) )?';
const gap = '[ ,./-]{1,3}(?:(?:and|um|uh|then)[ ,./-]{1,3})?';
const spoken = new RegExp(
  `\\b(?:plus )?${times}(?:${one}|\\d{1,4})(?:${gap}${times}(?:${one}|\\d{1,5})){4,17}\\b`,
  'gi',
);
/** In pairs: "ninety eight twelve thirty four …". */
const paired = new RegExp(
  `\\b(?:plus )?${times}(?:${one}|${tens}|${teens}|\\d{1,4})(?:[ ,.-]{1,3}${times}(?:${one}|${tens}|${teens}|\\d{1,5})){3,17}\\b`,
  'gi',
);
const hasPairs = new RegExp(`\\b(?:${tens}|${teens})\\b`, 'i');
const written = /(?<!\d)\+?\(?\d(?:[ ().,/-]{0,3}\d){5,24}(?!\d)/g;
const several = new RegExp(`\\b(?:\\d{3,}|(?:${one})(?:${gap}(?:${one})){2,17})\\b`, 'gi');

const mark = new RegExp(`\\d|\\b(?:${one}|${tens}|${teens})\\b`, 'g');
const leastMarks = 4;

/** Days and hours are no numbers to call. */
const dayOrHour =
  /(?<![\d./-])(?:(?:0?[1-9]|[12]\d|3[01])([/.-])(?:0?[1-9]|[12]\d|3[01])\1(?:19|20)?\d\d|(?:19|20)\d\d-\d{1,2}-\d{1,2}|\d{1,2}:\d\d)(?![./-]?\d)/g;

/** Least digits of a run; in pairs more, since "ten thirty, eleven thirty" are hours. */
const least = { plain: 6, pairs: 9 };

/**
 * Runs of digits in any script, written in groups or spoken one by one ("nine eight double one …") or in pairs, with what
 * digits they are. Dates and hours in digits are none.
 */
export function findDigitRuns(raw: string): DigitRun[] {
  const folded = foldDigits(raw);
  if (!mayHoldRun(folded)) return [];
  const text = folded.replace(dayOrHour, (found) => '~'.repeat(found.length));
  const runs: DigitRun[] = [];
  for (const pattern of [written, spoken, paired]) {
    for (const match of allMatches(text, pattern)) {
      const digits = toDigits(match[0]);
      if (digits.length < (hasPairs.test(match[0]) ? least.pairs : least.plain)) continue;
      runs.push(toRun(raw, match.index, match.index + match[0].length, digits));
    }
  }
  return withoutOverlaps(runs);
}

/** Shorter pieces of a number that is told piece by piece: three digits or more. */
export function findDigitPieces(raw: string): DigitRun[] {
  const text = foldDigits(raw);
  return allMatches(text, several).map((match) =>
    toRun(raw, match.index, match.index + match[0].length, toDigits(match[0])),
  );
}

/** Most texts hold fewer digits and number words than any run. */
function mayHoldRun(text: string): boolean {
  const words = text.toLowerCase();
  let marks = 0;
  mark.lastIndex = 0;
  while (marks < leastMarks && mark.test(words)) marks++;
  return marks >= leastMarks;
}

/** Phone numbers in a text, normalised to E.164 by the clinic's region; two that stand side by side are two. `runs` are the text's. */
export function findPhones(
  text: string,
  region: string | null,
  runs: readonly DigitRun[] = findDigitRuns(text),
): Found[] {
  return runs.flatMap((run) => {
    const whole = toPhone(run, region);
    if (whole) return [whole];
    const parts = allMatches(run.value, /[^,/]{6,}/g);
    return parts.flatMap(({ 0: part, index }) => {
      const start = run.start + index;
      return (
        toPhone(toRun(text, start, start + part.length, toDigits(foldDigits(part).trim())), region) ?? []
      );
    });
  });
}

function toPhone({ digits, ...run }: DigitRun, region: string | null): Found | null {
  const normalised = toE164(digits, region) ?? (digits.length >= 10 ? toE164(`+${digits}`, null) : null);
  return normalised ? { ...run, normalised, confidence: 0.9 } : null;
}

function toRun(text: string, start: number, end: number, digits: string): DigitRun {
  return { start, end, value: text.slice(start, end), normalised: null, confidence: 0.7, digits };
}

function toDigits(text: string): string {
  let repeat = 1;
  let ten = 0;
  let digits = text.startsWith('+') || /^plus /i.test(text) ? '+' : '';
  const push = (said: string) => {
    digits += said.length === 1 ? said.repeat(repeat) : said;
    repeat = 1;
  };
  for (const [token] of text.toLowerCase().matchAll(/[a-z]+|\d+/g)) {
    const unit = digitWords[token] ?? (/^\d/.test(token) ? token : null);
    if (ten > 0) {
      const joined = unit?.length === 1 && unit !== '0' && repeat === 1;
      push(joined ? String(ten + Number(unit)) : String(ten));
      ten = 0;
      if (joined) continue;
    }
    if (token === 'double' || token === 'dubble') repeat = 2;
    else if (token === 'triple') repeat = 3;
    else if (tensWords[token] !== undefined) ten = tensWords[token];
    else if (teenWords[token] !== undefined) push(String(teenWords[token]));
    else if (unit !== null) push(unit);
  }
  if (ten > 0) push(String(ten));
  return digits;
}
