import { toE164 } from '../phone.ts';
import { allMatches, withoutOverlaps } from './patterns.ts';
import type { Found } from './types.ts';

const digitWord =
  'zero|oh|one|two|three|four|five|six|seven|eight|nine|shunya|ek|do|teen|char|chaar|paanch|chhe|che|saat|aath|nau';
const spoken = new RegExp(
  `\\b(?:plus )?(?:(?:double|triple|dubble) )?(?:${digitWord}|\\d{1,4})(?:(?:[ ,.-]{1,2}(?:and |um |uh )?)(?:(?:double|triple|dubble) )?(?:${digitWord}|\\d{1,5})){4,17}\\b`,
  'gi',
);
const written = /(?<![\w/])\+?\(?\d[\d ().-]{5,18}\d(?![\w/])/g;
const values: Readonly<Record<string, string>> = {
  zero: '0',
  oh: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  shunya: '0',
  ek: '1',
  do: '2',
  teen: '3',
  char: '4',
  chaar: '4',
  paanch: '5',
  chhe: '6',
  che: '6',
  saat: '7',
  aath: '8',
  nau: '9',
};

/** Runs of digits, written or spoken one by one ("nine eight double one …"), with what digits they are. */
export function findDigitRuns(text: string): (Found & { digits: string })[] {
  const runs: (Found & { digits: string })[] = [];
  for (const pattern of [written, spoken]) {
    for (const match of allMatches(text, pattern)) {
      const digits = toDigits(match[0]);
      const [start, end] = [match.index, match.index + match[0].length];
      if (digits.length < 6) continue;
      runs.push({ start, end, value: match[0], normalised: null, confidence: 0.7, digits });
    }
  }
  return withoutOverlaps(runs);
}

/** Phone numbers in a text, normalised to E.164 by the clinic's region. */
export function findPhones(text: string, region: string | null): Found[] {
  return findDigitRuns(text).flatMap(({ digits, ...run }) => {
    const normalised = toE164(digits, region) ?? (digits.length >= 10 ? toE164(`+${digits}`, null) : null);
    return normalised ? [{ ...run, normalised, confidence: 0.9 }] : [];
  });
}

function toDigits(text: string): string {
  let times = 1;
  let digits = text.startsWith('+') || /^plus /i.test(text) ? '+' : '';
  for (const [token] of text.toLowerCase().matchAll(/[a-z]+|\d+/g)) {
    if (token === 'double' || token === 'dubble') times = 2;
    else if (token === 'triple') times = 3;
    else {
      const digit = values[token] ?? (/^\d/.test(token) ? token : '');
      digits += digit.length === 1 ? digit.repeat(times) : digit;
      times = 1;
    }
  }
  return digits;
}
