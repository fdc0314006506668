import { foldDigits } from '../digits.ts';
import { type DateContext, findBirthDates } from './find-dates.ts';
import { belowHundred, teens, tens, wordsToNumber } from './number-words.ts';
import { allMatches, withoutOverlaps } from './patterns.ts';
import type { Found } from './types.ts';

/** A question for a birth date, or words about one. */
export const aboutBirth =
  /\b(?:date of birth|birth ?dates?|birth ?day|birth year|dob|d\.o\.b|born|janam(?: ?tithi| ?din)?|year of birth)\b/i;

const monthNames =
  'january february march april may june july august september october november december'.split(' ');
const ordinals =
  'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth'.split(
    ' ',
  );
const month = `(?:${monthNames.join('|')}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)`;
const ordinalWord = `(?:(?:twenty|thirty)[ -](?:${ordinals.slice(1, 10).join('|')})|thirtieth|${ordinals.slice(1).join('|')})`;
const day = `(?:${ordinalWord}|\\d{1,2}(?:st|nd|rd|th)?|${belowHundred})`;
const year = `(?:(?:19|20)\\d\\d|nineteen[ -](?:hundred(?: and)? |oh[ -])?${belowHundred}|two thousand(?: and)?(?: ${belowHundred})?|twenty[ -](?:oh[ -])?(?:${belowHundred})|\\d\\d|(?:${tens})(?:[ -]${belowHundred})?|${teens})`;
const gap = '[ ,./-]{1,3}';
const dayFirst = new RegExp(
  `\\b(${day})(?: of)?${gap}(${month}|\\d{1,2}|${belowHundred})${gap}(?:in )?(${year})\\b`,
  'gi',
);
const monthFirst = new RegExp(`\\b(${month})(?: the)?${gap}(${day})${gap}(?:in )?(${year})\\b`, 'gi');
const yearAlone = new RegExp(
  `\\b((?:19|20)\\d\\d|nineteen[ -](?:oh[ -])?${belowHundred}|two thousand(?: and)?(?: ${belowHundred})?)\\b`,
  'gi',
);

/**
 * Birth dates in a text that is about one: as {@link findBirthDates}, and as they are said, "fifteenth august nineteen
 * eighty", "fifteen eight nineteen eighty", "15 8 80"; a year alone has no date.
 */
export function findSaidBirths(raw: string, context: DateContext): Found[] {
  const text = foldDigits(raw);
  const found: Found[] = findBirthDates(text, context).map((one) => ({
    ...one,
    value: raw.slice(one.start, one.end),
  }));
  for (const match of allMatches(text, dayFirst)) {
    const [first, second] = [toDay(match[1]), toMonth(match[2])];
    const years = toYear(match[3], context);
    const swapped = context.monthFirst && !/[a-z]/i.test(match[2] ?? '') ? iso(years, first, second) : null;
    add(match, swapped ?? iso(years, second, first) ?? iso(years, first, second));
  }
  for (const match of allMatches(text, monthFirst)) {
    add(match, iso(toYear(match[3], context), toMonth(match[1]), toDay(match[2])));
  }
  for (const match of allMatches(text, yearAlone)) {
    const years = toYear(match[1], context);
    if (years !== null) push(match, null);
  }
  return withoutOverlaps(found);

  function add(match: RegExpExecArray, date: string | null) {
    if (date !== null && date <= (context.today.toISODate() ?? '')) push(match, date);
  }

  function push(match: RegExpExecArray, normalised: string | null) {
    const [start, end] = [match.index, match.index + match[0].length];
    found.push({ start, end, value: raw.slice(start, end), normalised, confidence: normalised ? 0.85 : 0.5 });
  }
}

function toDay(said: string | undefined): number | null {
  const text = said?.toLowerCase() ?? '';
  const digits = /^\d+/.exec(text)?.[0];
  if (digits) return Number(digits);
  const [tensWord = '', unit] = text.split(/[ -]/);
  if (text === 'thirtieth') return 30;
  const at = ordinals.indexOf(unit ?? text);
  if (at > 0) return at + (unit ? (tensWord === 'thirty' ? 30 : 20) : 0);
  return wordsToNumber(text);
}

function toMonth(said: string | undefined): number | null {
  const text = said?.toLowerCase() ?? '';
  const named = monthNames.findIndex((one) => text.length >= 3 && one.startsWith(text.slice(0, 3)));
  if (named >= 0 && /^[a-z]/.test(text) && new RegExp(`^${month}$`).test(text)) return named + 1;
  return toDay(text);
}

/** Of two digits the century that makes it past. */
function toYear(said: string | undefined, { today }: DateContext): number | null {
  const text = said?.toLowerCase() ?? '';
  if (/^\d{4}$/.test(text)) return Number(text);
  const rest = text
    .replace(/^(?:nineteen|two thousand|twenty)[ -]?/, '')
    .replace(/^(?:hundred|oh|and)?(?: and)?[ -]?/, '');
  if (text.startsWith('nineteen') && rest) return withRest(1900, rest);
  if (text.startsWith('two thousand')) return rest ? withRest(2000, rest) : 2000;
  if (/^twenty[ -](?:oh|ten|eleven|twelve|\w+teen|twenty)/.test(text)) return withRest(2000, rest);
  const two = /^\d\d$/.test(text) ? Number(text) : wordsToNumber(text);
  if (two === null) return null;
  return two + (2000 + two > today.year ? 1900 : 2000);
}

function withRest(century: number, rest: string): number | null {
  const years = wordsToNumber(rest);
  return years === null ? null : century + years;
}

function iso(years: number | null, months: number | null, days: number | null): string | null {
  if (years === null || months === null || days === null || years < 1900) return null;
  const date = new Date(Date.UTC(years, months - 1, days));
  return date.getUTCMonth() === months - 1 && date.getUTCDate() === days
    ? date.toISOString().slice(0, 10)
    : null;
}
