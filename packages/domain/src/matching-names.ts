import { nameTokens, soundsAlike, wordSimilarity } from './names.ts';
import { isSlip } from './names-slip.ts';

/** How a first name as said agrees with the one on file. */
type FirstNames = 'same' | 'sound' | 'initial' | 'slip' | 'close' | 'other' | 'unknown';

/** What two names say about being one person's. */
export interface NameEvidence {
  /** Log-odds. */
  weight: number;
  /** The first names are different ones: another member of the family, perhaps a twin. */
  otherFirstName: boolean;
  /** They are close, and the phone is one: brothers, or twins. */
  closeInFamily: boolean;
  /** First and last name are letter for letter the same. */
  exact: boolean;
}

/**
 * Log-odds of the first names. An exact one is ahead of one that sounds alike by more than the lead a link needs, so
 * that of two on file the one who was named is taken. Close spelling is no agreement: it is how brothers are named.
 */
const firstWeights: Readonly<Record<FirstNames, number>> = {
  same: 4.2,
  sound: 2,
  initial: 1,
  slip: 2,
  close: 2,
  other: -6.5,
  unknown: 0,
};

/** Of a family's phone: Ramesh who calls from Rakesh's is a brother sooner than a slip of the pen. */
const closeOnOnePhone = -3.6;

/** Similarity from which on a step of evidence holds, and its log-odds, for last names. */
const lastSteps = [
  [1, 3.4],
  [0.95, 3.2],
  [0.88, 2],
  [0.8, 0],
  [0, -2.5],
] as const;

/** Spelling of first names from which on they are close. */
const closeFrom = 0.88;

/** Families share a surname, so it says little once the first names differ. */
const lastOfOtherFirst = 1;

const none: NameEvidence = { weight: 0, otherFirstName: false, closeInFamily: false, exact: false };

/**
 * Evidence of a name as said against a record's first and last name; 0 when either has none.
 * Words may come in either order; one word alone may be the first or the last name.
 * @param samePhone both have one phone, as a family has
 */
export function nameEvidence(
  said: string | null,
  record: { first: string | null; last: string | null },
  samePhone: boolean,
): NameEvidence {
  const words = said ? nameTokens(said) : [];
  const first = record.first ? nameTokens(record.first) : [];
  const last = record.last ? nameTokens(record.last) : [];
  if (words.length === 0 || first.length + last.length === 0) return none;
  const readings = splits(words, first.length > 0 && last.length > 0).map(([saidFirst, saidLast]) =>
    weigh(saidFirst, saidLast, first, last, samePhone),
  );
  return readings.reduce((best, reading) => (reading.weight > best.weight ? reading : best));
}

/**
 * The ways to read the words as first and last name, the swapped order included. Against a whole name, several words
 * are a whole name too; a single word that is not the surname is a first name.
 */
function splits(words: readonly string[], whole: boolean): [string[], string[]][] {
  const ways: [string[], string[]][] = [];
  const margin = whole && words.length > 1 ? 1 : 0;
  for (let at = margin; at <= Math.min(words.length - margin, 6); at++) {
    ways.push([words.slice(0, at), words.slice(at)]);
    if (margin > 0) ways.push([words.slice(at), words.slice(0, at)]);
  }
  return ways;
}

function weigh(
  saidFirst: readonly string[],
  saidLast: readonly string[],
  first: readonly string[],
  last: readonly string[],
  samePhone: boolean,
): NameEvidence {
  const firsts = compareFirst(saidFirst, first);
  const lastWeight = weighLast(saidLast, last);
  const surnameAlone = saidFirst.length === 0 && first.length > 0;
  if (surnameAlone && lastWeight <= 0) return { ...none, weight: firstWeights.other, otherFirstName: true };
  const closeInFamily = samePhone && firsts === 'close';
  const otherFirstName = firsts === 'other' || closeInFamily;
  const doubted = samePhone && (firsts === 'close' || firsts === 'slip');
  const unplaced = (saidFirst.length > 0 && first.length === 0) || (saidLast.length > 0 && last.length === 0);
  const kinship = otherFirstName || doubted ? Math.min(lastWeight, lastOfOtherFirst) : lastWeight;
  return {
    weight: (doubted ? closeOnOnePhone : firstWeights[firsts]) + kinship - (unplaced ? 0.5 : 0),
    otherFirstName,
    closeInFamily,
    exact: firsts === 'same' && saidLast.join('') === last.join(''),
  };
}

/** Of several words the shorter side's are compared, each with its best partner; the worst of them tells. */
function compareFirst(said: readonly string[], known: readonly string[]): FirstNames {
  if (said.length === 0 || known.length === 0) return 'unknown';
  const [few, many] = said.length <= known.length ? [said, known] : [known, said];
  const found = few.map((word) => bestOf(many.map((other) => compareWords(word, other))));
  return bestOf([compareWords(said.join(''), known.join('')), worstOf(found)]);
}

function compareWords(left: string, right: string): FirstNames {
  if (left === right) return 'same';
  if (left.length === 1 || right.length === 1)
    return left.charAt(0) === right.charAt(0) ? 'initial' : 'other';
  if (soundsAlike(left, right)) return 'sound';
  if (isSlip(left, right)) return 'slip';
  return wordSimilarity(left, right) >= closeFrom ? 'close' : 'other';
}

const ranked: readonly FirstNames[] = ['same', 'sound', 'initial', 'slip', 'close', 'other', 'unknown'];

function bestOf(found: readonly FirstNames[]): FirstNames {
  return ranked.find((one) => found.includes(one)) ?? 'unknown';
}

function worstOf(found: readonly FirstNames[]): FirstNames {
  return ranked.findLast((one) => found.includes(one)) ?? 'unknown';
}

function weighLast(said: readonly string[], known: readonly string[]): number {
  if (said.length === 0 || known.length === 0) return 0;
  if (said.length === 1 || known.length === 1) {
    const [left, right] = [said[0] ?? '', known[0] ?? ''];
    if (left.length === 1 || right.length === 1)
      return left.charAt(0) === right.charAt(0) ? firstWeights.initial : (lastSteps.at(-1)?.[1] ?? 0);
  }
  const [few, many] = said.length <= known.length ? [said, known] : [known, said];
  const alike = few.map((word) => Math.max(...many.map((other) => wordSimilarity(word, other))));
  const joined = wordSimilarity(said.join(''), known.join(''));
  const similarity = Math.max(joined, alike.reduce((sum, value) => sum + value, 0) / alike.length);
  return lastSteps.find(([from]) => similarity >= from)?.[1] ?? 0;
}
