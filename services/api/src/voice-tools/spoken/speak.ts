import { dayNumber, weekdayOf } from '@switchboard/domain/periods/local-date';
import { localDateAt, offsetAt } from '@switchboard/domain/periods/zone';
import { english } from './english.ts';
import { hindi } from './hindi.ts';
import type { SpokenLines, SpokenMoment } from './lines.ts';

const languages: Readonly<Record<string, SpokenLines>> = { en: english, hi: hindi };

/** The lines of a language (BCP 47), English where there are none. */
export function linesOf(language: string | undefined): SpokenLines {
  return languages[language?.toLowerCase().split('-')[0] ?? 'en'] ?? english;
}

/** An instant on a zone's clocks, counted from now; Unix ms. */
export function momentAt(instant: number, zone: string, now: number): SpokenMoment {
  const date = localDateAt(instant, zone);
  const minutes = Math.floor((instant + offsetAt(instant, zone)) / 60_000) % 1_440;
  return {
    daysAhead: dayNumber(date) - dayNumber(localDateAt(now, zone)),
    weekday: weekdayOf(date),
    day: Number(date.slice(8)),
    month: Number(date.slice(5, 7)),
    hour: Math.floor(minutes / 60),
    minute: minutes % 60,
  };
}
