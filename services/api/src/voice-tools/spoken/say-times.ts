import type { SpokenMoment, SpokenSlot } from './lines.ts';

/** How a language puts the parts of a time. */
export interface TimeWords {
  list(options: readonly string[]): string;
  day(at: SpokenMoment): string;
  time(at: SpokenMoment): string;
  /** With whom, and where. */
  whom(slot: SpokenSlot): string;
}

/** Several times in a row without saying twice what they have in common: the day of the one before, and whom and where of all. */
export function sayTimes(options: readonly SpokenSlot[], words: TimeWords): string {
  const whom = options.map((slot) => words.whom(slot));
  const isOnes = new Set(whom).size === 1;
  const said = options.map(({ at }, index) => {
    const before = options[index - 1];
    const isSameDay = before?.at.daysAhead === at.daysAhead;
    const time = isSameDay ? words.time(at) : `${words.day(at)} ${words.time(at)}`;
    return isOnes ? time : `${time} ${whom[index]}`;
  });
  return isOnes ? `${words.list(said)} ${whom[0]}` : words.list(said);
}
