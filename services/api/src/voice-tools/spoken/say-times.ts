import type { SpokenMoment, SpokenSlot } from './lines.ts';

/** How a language puts the parts of a time. */
export interface TimeWords {
  list(options: readonly string[]): string;
  day(at: SpokenMoment): string;
  time(at: SpokenMoment): string;
  who(practitioner: string): string;
}

/** Several times in a row without saying twice what they have in common: the day of the one before, and the practitioner of all. */
export function sayTimes(options: readonly SpokenSlot[], words: TimeWords): string {
  const isOnes = new Set(options.map(({ practitioner }) => practitioner)).size === 1;
  const said = options.map(({ at, practitioner }, index) => {
    const before = options[index - 1];
    const isSameDay = before?.at.daysAhead === at.daysAhead;
    const time = isSameDay ? words.time(at) : `${words.day(at)} ${words.time(at)}`;
    return isOnes ? time : `${time} ${words.who(practitioner)}`;
  });
  const [first] = options;
  return isOnes && first ? `${words.list(said)} ${words.who(first.practitioner)}` : words.list(said);
}
