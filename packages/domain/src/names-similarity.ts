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
 * How a word of a name sounds, tolerant of the ways South Asian and European names are spelled in English:
 * aspirates, doubled letters, v/w, s/sh, ee/i and oo/u fall together, vowels behind the first letter go.
 */
export function phoneticKey(word: string): string {
  const held = keys.get(word);
  if (held !== undefined) return held;
  if (keys.size >= 10_000) keys.clear();
  const key = computeKey(word);
  keys.set(word, key);
  return key;
}

/** The same words come again in every call. */
const keys = new Map<string, string>();

function computeKey(word: string): string {
  const plain = word
    .normalize('NFKD')
    .replace(/[^a-zA-Z]/g, '')
    .toLowerCase();
  const sounds = rules.reduce((text, [pattern, to]) => text.replace(pattern, to), plain);
  const head = sounds.slice(0, 1).replace(/[aeiou]/, 'a');
  return head + sounds.slice(1).replace(/[aeiouyh]/g, '');
}

const rules: readonly (readonly [RegExp, string])[] = [
  [/^(kn|gn|pn)/, 'n'],
  [/^wr/, 'r'],
  [/^x/, 's'],
  [/ph|gh$/g, 'f'],
  [/ksh/g, 'ks'],
  [/chh|tch|ch/g, 'c'],
  [/sh|sch/g, 's'],
  [/([bdgjkt])h/g, '$1'],
  [/ck|q/g, 'k'],
  [/c(?=[eiy])/g, 's'],
  [/z/g, 's'],
  [/x/g, 'ks'],
  [/w/g, 'v'],
  [/ee|ea|ie|y(?=[^aeiou]|$)/g, 'i'],
  [/oo|ou/g, 'u'],
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
