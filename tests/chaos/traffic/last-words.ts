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

/** What something can be decided to be, once; and how it was answered. */
export interface Decided extends Word {
  status: number;
}

/**
 * How it may stand then: as was said where that was taken. Where it was refused since it was decided already, that was a try
 * before, or whoever else may decide on it.
 * @param beaten how it stands where others were sooner; none unless told
 */
export function mayStand({ status, tries, says }: Decided, beaten?: string): string[] {
  if (status < 300) return [says];
  const before = tries > 1 ? [says] : [];
  return beaten === undefined ? before : [...before, beaten];
}
