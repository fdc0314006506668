import { nameTokens, wordSimilarity } from './names.ts';

/** What two names say about being one person's. */
export interface NameEvidence {
  /** Log-odds. */
  weight: number;
  /** The first names are clearly different ones: another member of the family, perhaps a twin. */
  otherFirstName: boolean;
}

const differentPerson = -6.5;

/** Similarity from which on a step of evidence holds, and its log-odds, for first and last names. */
const firstSteps = [
  [0.95, 3.4],
  [0.88, 2],
  [0.8, 0],
  [0.72, -2.5],
  [0, differentPerson],
] as const;
const lastSteps = [
  [0.95, 3.4],
  [0.88, 2],
  [0.8, 0],
  [0, -2.5],
] as const;

/** Families share a surname, so it says little once the first names differ. */
const lastOfOtherFirst = 1;

const initialAgrees = 1;

/**
 * Evidence of a name as said against a record's first and last name; 0 when either has none.
 * Words may come in either order; one word alone may be the first or the last name.
 */
export function nameEvidence(
  said: string | null,
  record: { first: string | null; last: string | null },
): NameEvidence {
  const words = said ? nameTokens(said) : [];
  const first = record.first ? nameTokens(record.first) : [];
  const last = record.last ? nameTokens(record.last) : [];
  if (words.length === 0 || first.length + last.length === 0) return { weight: 0, otherFirstName: false };
  const readings = splits(words, first.length > 0 && last.length > 0).map(([saidFirst, saidLast]) =>
    weigh(saidFirst, saidLast, first, last),
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
): NameEvidence {
  const firstWeight = step(saidFirst, first, firstSteps);
  const lastWeight = step(saidLast, last, lastSteps);
  const surnameAlone = saidFirst.length === 0 && first.length > 0;
  if (surnameAlone && lastWeight <= 0) return { weight: differentPerson, otherFirstName: true };
  const otherFirstName = firstWeight <= differentPerson;
  const unplaced = (saidFirst.length > 0 && first.length === 0) || (saidLast.length > 0 && last.length === 0);
  const kinship = otherFirstName ? Math.min(lastWeight, lastOfOtherFirst) : lastWeight;
  return { weight: firstWeight + kinship - (unplaced ? 0.5 : 0), otherFirstName };
}

function step(
  said: readonly string[],
  known: readonly string[],
  steps: readonly (readonly [number, number])[],
): number {
  if (said.length === 0 || known.length === 0) return 0;
  if (said.length === 1 || known.length === 1) {
    const [left, right] = [said[0] ?? '', known[0] ?? ''];
    if (left.length === 1 || right.length === 1)
      return left.charAt(0) === right.charAt(0) ? initialAgrees : (steps.at(-1)?.[1] ?? 0);
  }
  const [few, many] = said.length <= known.length ? [said, known] : [known, said];
  const alike = few.map((word) => Math.max(...many.map((other) => wordSimilarity(word, other))));
  const joined = wordSimilarity(said.join(''), known.join(''));
  const similarity = Math.max(joined, alike.reduce((sum, value) => sum + value, 0) / alike.length);
  return steps.find(([from]) => similarity >= from)?.[1] ?? 0;
}
