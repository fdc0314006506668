import { nameEvidence } from './matching-names.ts';

/** What is known of a person. Null: not known. */
export interface KnownPerson {
  first: string | null;
  last: string | null;
  /** ISO date. */
  dob: string | null;
}

/** Log-odds of two names from which on they are one person's: Asha Menon is not Asha Rao, nor is Rao alone. */
const sameFrom = 4;

/**
 * Whether two who are said to be one person can be: `other` when their names or birth dates differ, `same` when their names
 * are alike, `unknown` while one of them has no name. Names that are only close are brothers', as on a family's phone.
 */
export function agreementOf(one: KnownPerson, other: KnownPerson): 'same' | 'other' | 'unknown' {
  if (one.dob !== null && other.dob !== null && one.dob !== other.dob) return 'other';
  const [name, otherName] = [one, other].map(({ first, last }) => [first, last].filter(Boolean).join(' '));
  if (!name || !otherName) return 'unknown';
  return nameEvidence(name, other, true).weight >= sameFrom ? 'same' : 'other';
}
