import { jaroWinkler, phoneticKey, soundsAlike } from './names-similarity.ts';

export { jaroWinkler, phoneticKey, soundsAlike };

/** A name in the parts that a patient record has, in the case people write it. */
export interface PersonName {
  first: string;
  last: string | null;
}

const titles = new Set(
  (
    'mr mrs ms miss mx master dr doctor doc prof professor sir madam shri shree sri smt shrimati kumari km ji saab sahib ' +
    'md dds dmd do phd dpm mbbs jr sr ii iii od np pa rn bds mds dnb'
  ).split(' '),
);

/** What has no marks to take off. */
const isAscii = /^[\x20-\x7e]*$/;

/** Longest name looked at, in characters. */
const maxLength = 120;

/** Lower-case ASCII words of a name without titles and punctuation: what names are compared by. */
export function nameTokens(raw: string): string[] {
  const cut = raw.slice(0, maxLength);
  const unmarked = isAscii.test(cut)
    ? cut
    : cut
        .normalize('NFKD')
        .replace(/\p{M}/gu, (mark) => (/\p{Script=Latin}|\p{Script=Inherited}/u.test(mark) ? '' : mark));
  const plain = unmarked.toLowerCase().replace(/['’`´]/g, '');
  const words = inGivenOrder(plain).match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const kept = words.filter((word) => !titles.has(word));
  return kept.length > 0 ? kept : words;
}

/** Comparison key of a name, e.g. `"Dr. MEHTA, Ramesh"` → `"ramesh mehta"`; null when nothing of a name is left. */
export function nameKey(raw: string | null | undefined): string | null {
  if (!raw) return null;
  const tokens = nameTokens(raw).filter((token) => !titles.has(token));
  return tokens.length > 0 ? tokens.join(' ') : null;
}

/** A name as people write it: titles off, spaces single, words capitalised unless they mix cases already. */
export function normaliseName(raw: string | null | undefined): string | null {
  if (!raw) return null;
  const words = inGivenOrder(raw.slice(0, maxLength).normalize('NFC').replace(/[’`´]/g, "'"))
    .match(/[\p{L}\p{M}][\p{L}\p{M}\p{N}'.-]*/gu)
    ?.map((word) => word.replace(/[.'-]+$/, ''))
    .filter((word) => word !== '' && !titles.has(word.toLowerCase().replaceAll('.', '')));
  return words && words.length > 0 ? words.map(capitalise).join(' ') : null;
}

/** First word and the rest of a name; null when there is none. */
export function splitName(raw: string | null | undefined): PersonName | null {
  const [first, ...rest] = normaliseName(raw)?.split(' ') ?? [];
  if (!first) return null;
  return { first, last: rest.length > 0 ? rest.join(' ') : null };
}

/**
 * How alike two whole names are, 0 to 1, whatever their order: the mean over the shorter one's words of each word's best
 * partner, an initial counting as a weak yes. Symmetric. 0 when either is empty.
 */
export function nameSimilarity(left: string, right: string): number {
  return similarityTo(left)(right);
}

/** {@link nameSimilarity} of one name to many, whose words come again: "Sharma" is compared once. */
export function similarityTo(name: string): (other: string) => number {
  const words = nameTokens(name);
  const known = new Map<string, readonly number[]>();
  const scoresOf = (word: string) => {
    const scores = known.get(word) ?? words.map((own) => wordSimilarity(own, word));
    known.set(word, scores);
    return scores;
  };
  return (other) => {
    const table = nameTokens(other).map(scoresOf);
    if (words.length === 0 || table.length === 0) return 0;
    const theirs = () => mean(table.map((scores) => Math.max(...scores)));
    const ours = () => mean(words.map((_, at) => Math.max(...table.map((scores) => scores[at] ?? 0))));
    if (words.length === table.length) return Math.max(ours(), theirs());
    return words.length < table.length ? ours() : theirs();
  };
}

/**
 * Whether a name that was said is a person's first and last name, each by a word of its own that is at least so alike. In
 * either order, with others between; initials, and a word that is said again, are no name.
 */
export function isFullName(said: string, first: string, last: string, least: number): boolean {
  const words = [...new Set(wholeWords(said))];
  const [firsts, lasts] = [first, last].map((name) => {
    const own = wholeWords(name);
    return words.filter((word) => own.some((one) => wordSimilarity(one, word) >= least));
  });
  return firsts?.some((word) => lasts?.some((other) => other !== word)) ?? false;
}

function wholeWords(name: string): string[] {
  return nameTokens(name).filter((word) => word.length > 1);
}

/** How alike two single words of names are, 0 to 1: spelling and sound. Symmetric. */
export function wordSimilarity(left: string, right: string): number {
  if (left === right) return 1;
  if (left.length === 1 || right.length === 1) return left.charAt(0) === right.charAt(0) ? 0.85 : 0;
  const spelling = jaroWinkler(left, right);
  return soundsAlike(left, right) ? Math.max(spelling, 0.95) : spelling;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** "Mehta, Ramesh" → "Ramesh Mehta", unless what follows the comma is a title or degree. */
function inGivenOrder(text: string): string {
  const comma = text.indexOf(',');
  if (comma < 0) return text;
  const [before, after] = [text.slice(0, comma), text.slice(comma + 1)];
  const rest = after.trim().toLowerCase().replaceAll('.', '');
  if (rest === '' || rest.split(/[\s,]+/).every((word) => titles.has(word))) return `${before} ${after}`;
  return `${after.replaceAll(',', ' ')} ${before}`;
}

function capitalise(word: string): string {
  const mixed = word !== word.toLowerCase() && word !== word.toUpperCase();
  if (mixed || word.length === 1) return mixed ? word : upper(word);
  return word
    .toLowerCase()
    .replace(/(^|['-])(\p{L})/gu, (_, before, letter) => before + upper(letter))
    .normalize('NFC');
}

/** Letters without a capital of their own (ß, ᾀ) stay as they are. */
function upper(letter: string): string {
  const capital = letter.toUpperCase();
  return capital.length === letter.length ? capital : letter;
}
