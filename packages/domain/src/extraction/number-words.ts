/** Digits as callers say them one by one, English and Hindi in Latin letters. */
export const digitWords: Readonly<Record<string, string>> = {
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

export const tensWords: Readonly<Record<string, number>> = {
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
};

export const teenWords: Readonly<Record<string, number>> = {
  ten: 10,
  eleven: 11,
  twelve: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
};

const any = (words: Readonly<Record<string, unknown>>) => Object.keys(words).join('|');
export const tens = any(tensWords);
export const teens = any(teenWords);
const unit = 'one|two|three|four|five|six|seven|eight|nine';

/** Sources of patterns: a number below 100 in words. */
export const belowHundred = `(?:(?:${tens})(?:[ -](?:${unit})\\b)?|${teens}|${unit})`;

/** "ninety two" → 92, "fifteen" → 15, "eight" → 8; null for anything else. */
export function wordsToNumber(text: string): number | null {
  const [first = '', second] = text.toLowerCase().split(/[ -]+/);
  const unitOf = (word: string) => (digitWords[word] === undefined ? null : Number(digitWords[word]));
  const ten = tensWords[first];
  if (ten !== undefined) return ten + (second ? (unitOf(second) ?? 0) : 0);
  return teenWords[first] ?? unitOf(first);
}
