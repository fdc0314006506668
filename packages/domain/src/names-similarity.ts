/**
 * Jaro-Winkler similarity (Winkler 1990), 0 to 1: prefix weight 0.1 over up to 4 characters, applied from Jaro 0.7.
 * Inputs are compared as they are; names have at most 120 characters, so the quadratic search is bounded.
 */
export function jaroWinkler(left: string, right: string): number {
  if (left === right) return 1;
  const jaro = jaroSimilarity(left, right);
  if (jaro < 0.7) return jaro;
  let prefix = 0;
  while (prefix < 4 && prefix < left.length && left[prefix] === right[prefix]) prefix++;
  return jaro + prefix * 0.1 * (1 - jaro);
}

/**
 * How a word of a name sounds, tolerant of the ways South Asian and European names are spelled in English: aspirates,
 * doubled letters, v/w, s/sh, ee/i and oo/u fall together. Vowels are kept coarsely, since they alone tell Rohan from
 * Rani: in the first syllable o and u are one, behind it a and e.
 */
export function phoneticKey(word: string): string {
  const held = keys.get(word);
  if (held !== undefined) return held;
  if (keys.size >= 10_000) keys.clear();
  const key = coarse(soundsOf(word));
  keys.set(word, key);
  return key;
}

/** Spelling this close is needed for two words that sound alike to be one name. */
const closeSpelling = 0.83;

/**
 * Whether two words are spellings of one name: they sound alike, are spelled closely, and do not differ as a man's
 * name differs from a woman's (Amit, Amita; Mario, Maria). Symmetric.
 */
export function soundsAlike(left: string, right: string): boolean {
  if (left === right) return true;
  const key = phoneticKey(left);
  if (key === '' || key !== phoneticKey(right)) return false;
  return Math.max(jaroWinkler(left, right), jaroWinkler(soundsOf(left), soundsOf(right))) >= closeSpelling;
}

/** The same words come again in every call. */
const keys = new Map<string, string>();

/** The word with letters that stand for one sound written in one way. */
function soundsOf(word: string): string {
  const plain = word
    .normalize('NFKD')
    .replace(/[^a-zA-Z]/g, '')
    .toLowerCase();
  return rules.reduce((text, [pattern, to]) => text.replace(pattern, to), plain);
}

function coarse(sounds: string): string {
  const first = /[aeiou]/.exec(sounds)?.index ?? sounds.length;
  const head = sounds.slice(0, first + 1).replace(/u/, 'o');
  const rest = sounds.slice(first + 1).replace(/e(?=.)/g, 'a');
  return head.slice(0, 1) + (head.slice(1) + rest).replace(/h/g, '').replace(/([aeiou])\1+/g, '$1');
}

const rules: readonly (readonly [RegExp, string])[] = [
  [/^(kn|gn|pn)/, 'n'],
  [/^wr/, 'r'],
  [/^x/, 's'],
  [/([^aeiou])\1e$/, '$1'],
  [/c(?![heiy])/g, 'k'],
  [/ph|gh$/g, 'f'],
  [/ksh/g, 'ks'],
  [/chh|tch|ch/g, 'c'],
  [/sh|sch/g, 's'],
  [/([bdgjkt])h/g, '$1'],
  [/ck|q/g, 'k'],
  [/c(?=[eiy])/g, 's'],
  [/z/g, 's'],
  [/x/g, 'ks'],
  [/w(?=[aeiouy])/g, 'v'],
  [/iy(?=[aeou])|(?<=[^aeiou])y/g, 'i'],
  [/ee|ea|ie(?!u)|y(?=[^aeiou]|$)/g, 'i'],
  [/oo|ou|au|aw|ow/g, 'u'],
  [/w/g, 'v'],
  [/(?<=[aeiou])h$/g, ''],
  [/(.)\1+/g, '$1'],
];

function jaroSimilarity(left: string, right: string): number {
  const reach = Math.max(0, Math.floor(Math.max(left.length, right.length) / 2) - 1);
  const taken = new Array<boolean>(right.length).fill(false);
  const fromLeft: string[] = [];
  for (let at = 0; at < left.length; at++) {
    const end = Math.min(right.length - 1, at + reach);
    for (let other = Math.max(0, at - reach); other <= end; other++) {
      if (taken[other] || left[at] !== right[other]) continue;
      taken[other] = true;
      fromLeft.push(left.charAt(at));
      break;
    }
  }
  if (fromLeft.length === 0) return 0;
  const fromRight = [...right].filter((_, at) => taken[at]);
  const swapped = fromLeft.filter((letter, at) => letter !== fromRight[at]).length / 2;
  const matches = fromLeft.length;
  return (matches / left.length + matches / right.length + (matches - swapped) / matches) / 3;
}
