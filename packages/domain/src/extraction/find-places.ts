import { isNegated } from './find-practitioners.ts';
import { allMatches } from './patterns.ts';
import type { Found } from './types.ts';
import { notNames, specialties } from './words.ts';

const part = "\\p{Lu}[\\p{L}\\p{N}'’-]{0,30}";
const place = new RegExp(
  `\\b(?:in|near|around|at|from|to|of)(?: the city of)? (${part}(?: ${part}){0,2})`,
  'gu',
);
const run =
  /(?:\p{N}{1,4} )?\p{Lu}[\p{L}\p{N}'’-]{0,30}\.?(?:(?: ,|,)?(?: (?:&|and|of|the|for)){0,2} (?:\p{Lu}\.|\p{Lu}[\p{L}\p{N}'’-]{0,30}|\p{N}{1,4}\b)){0,7}/gu;
const offer =
  /\b(?:how about|what about|recommend|suggest|found|find|located|available|called|named|there(?:'s| is)|another|option|try|is an?|with|like|works?|appointment|place|salon|have|by)\b/i;
const street =
  /\b(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|blvd|suite|ste|way|court|ct|plaza|parkway|highway|floor|marg|nagar)\b\.?$/i;

/** One pass instead of one per specialty: most texts name none. */
const anySpecialty = new RegExp(specialties.map(([{ source }]) => source).join('|'), 'i');

/** Specialties named in a text, normalised to the clinic's word. */
export function findSpecialties(text: string): Found[] {
  if (!anySpecialty.test(text)) return [];
  return specialties.flatMap(([pattern, normalised]) =>
    allMatches(text, pattern)
      .filter((match) => normalised !== 'ENT' || match[0] !== 'ent' || text === text.toLowerCase())
      .map((match) => ({
        start: match.index,
        end: match.index + match[0].length,
        value: match[0],
        normalised,
        confidence: 0.85,
      })),
  );
}

/** Towns, by the preposition before them, or the whole answer when the agent had just asked where. */
export function findCities(text: string, asked: boolean): Found[] {
  const found: Found[] = [];
  for (const match of allMatches(text, place)) {
    const value = untilOrdinary(match[1] ?? '');
    const start = match.index + match[0].length - (match[1]?.length ?? 0);
    const preposition = match[0].slice(0, 4).toLowerCase();
    if (!value || isNegated(text, match.index, start + value.length)) continue;
    if (!asked && !/^(?:in|near|arou)/.test(preposition)) continue;
    if (isTitled(text, start) || street.test(value)) continue;
    found.push({ start, end: start + value.length, value, normalised: value, confidence: 0.75 });
  }
  if (found.length > 0 || !asked) return found;
  const whole = new RegExp(`^\\W{0,3}(?:i'?m |it'?s |maybe |try )?(${part}(?: ${part}){0,2})\\b`, 'u').exec(
    text,
  );
  const value = untilOrdinary(whole?.[1] ?? '');
  if (!whole || !value) return [];
  const start = whole[0].lastIndexOf(whole[1] ?? '');
  return [{ start, end: start + value.length, value, normalised: value, confidence: 0.6 }];
}

/** Providers without a title that an agent offers or a caller names ("how about Amazing Smile Dental?"). */
export function findOffered(text: string, cities: readonly string[]): Found[] {
  if (!offer.test(text)) return [];
  const found: Found[] = [];
  for (const match of allMatches(text, run)) {
    const { value, skip } = withoutOrdinaryHead(match[0]);
    const start = match.index + skip;
    const words = value.split(' ').length;
    if (
      words < 2 &&
      !/\b(?:at|with|called|about|visit|see) $/i.test(text.slice(Math.max(0, start - 12), start))
    )
      continue;
    if (!value || cities.some((city) => value === city || city.startsWith(value))) continue;
    if (/\b(?:in|on|near) $/i.test(text.slice(Math.max(0, start - 6), start)) || street.test(value)) continue;
    if (
      /^\d/.test(value) &&
      /\b(?:at|is|address) $/i.test(text.slice(Math.max(0, start - 9), start)) &&
      street.test(value)
    )
      continue;
    found.push({ start, end: start + value.length, value, normalised: value, confidence: 0.6 });
  }
  return found;
}

export function asksPlace(text: string): boolean {
  return /\b(?:which|what) (?:city|town|area|location|place)\b|\bwhere\b|\b(?:city|location|area)\b[^.!]{0,30}\?/i.test(
    text,
  );
}

function untilOrdinary(text: string): string {
  const words = text.split(' ');
  const end = words.findIndex((one) => notNames.has(one.toLowerCase().replace(/['’]/g, '')));
  return words.slice(0, end < 0 ? words.length : end).join(' ');
}

function withoutOrdinaryHead(text: string): { value: string; skip: number } {
  let value = text;
  for (let first = value.split(' ', 1)[0] ?? ''; value !== ''; first = value.split(' ', 1)[0] ?? '') {
    const plain = first.toLowerCase().replace(/[^\p{L}]/gu, '');
    if (!notNames.has(plain) && !(/[.,]$/.test(first) && plain.length > 2)) break;
    value = value.slice(first.length + 1);
  }
  return { value: value.replace(/[.,]$/, ''), skip: text.length - value.length };
}

function isTitled(text: string, start: number): boolean {
  return /\b(?:dr|doctor)\.? $/i.test(text.slice(Math.max(0, start - 8), start));
}
