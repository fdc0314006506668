import { nameSimilarity, nameTokens } from '../names.ts';

/** Somebody or something that a caller may name. */
export interface Named {
  id: string;
  name: string;
}

/** From here on a name is the one that was heard. */
const alike = 0.82;
/** Who is so much less like the name than the best is not meant. */
const clear = 0.04;

/**
 * Those whose name is as it was heard, best first: by spelling and sound, without titles, a first or last name alone too.
 * Several where the name doesn't tell them apart.
 */
export function namedAsHeard<N extends Named>(heard: string, known: readonly N[]): N[] {
  if (nameTokens(heard).length === 0) return [];
  const scored = known
    .map((one) => ({ one, score: nameSimilarity(heard, one.name) }))
    .filter(({ score }) => score >= alike)
    .sort((left, right) => right.score - left.score || left.one.name.localeCompare(right.one.name));
  const best = scored[0]?.score ?? 0;
  return scored.filter(({ score }) => best - score <= clear).map(({ one }) => one);
}
