import { romanise } from '../devanagari.ts';
import { nameTokens, similarityTo } from '../names.ts';

/** Somebody or something that a caller may name. */
export interface Named {
  id: string;
  name: string;
}

/** Somebody whom a patient can see. */
export interface KnownColleague extends Named {
  specialty: string | null;
  department: string | null;
}

/** From here on a name is the one that was heard; of a short word little is left that could differ. */
const [alike, shortAlike, short] = [0.82, 0.9, 4];
/** Who is so much less like the name than the best is not meant. */
const clear = 0.04;

/** Parts of a name that were heard as words of their own: "row han". */
const mostParts = 4;

/**
 * Those whose name is as it was heard, best first: by spelling and sound, without titles, a first or last name alone too,
 * in Latin letters or Devanagari. Several where the name doesn't tell them apart.
 */
export function namedAsHeard<N extends Named>(heard: string, known: readonly N[]): N[] {
  const words = nameTokens(romanise(heard));
  const found = closest(words.join(' '), known);
  if (found.length > 0 || words.length < 2 || words.length > mostParts) return found;
  return closest(words.join(''), known);
}

function closest<N extends Named>(heard: string, known: readonly N[]): N[] {
  if (heard === '') return [];
  const least = heard.length > short ? alike : shortAlike;
  const similarity = similarityTo(heard);
  const scored = known
    .map((one) => ({ one, score: similarity(one.name) }))
    .filter(({ score }) => score >= least)
    .sort((left, right) => right.score - left.score || left.one.name.localeCompare(right.one.name));
  const best = scored[0]?.score ?? 0;
  return scored.filter(({ score }) => best - score <= clear).map(({ one }) => one);
}
