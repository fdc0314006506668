/** What somebody was asked to say from then on, and in how many tries. */
export interface Word {
  says: string;
  tries: number;
}

/**
 * What something may say once a change of it was taken: that, or what was asked for more than once before, since a try that was
 * never answered may be done late.
 */
export function afterTaken<W extends Word>(before: readonly W[], taken: W): W[] {
  return [...before.filter(({ tries }) => tries > 1), taken];
}

/** What it may say once a change of it was refused: what it said, or that, if a try before the refusal was never answered. */
export function afterRefused<W extends Word>(before: readonly W[], refused: W): W[] {
  return refused.tries > 1 ? [...before, refused] : [...before];
}

/** All that each may say. */
export function saidBy<W extends Word>(words: ReadonlyMap<string, readonly W[]>): Map<string, string[]> {
  return new Map([...words].map(([key, all]) => [key, all.map(({ says }) => says)]));
}
