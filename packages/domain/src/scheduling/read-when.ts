import { romanise } from '../devanagari.ts';
import { addDays, type LocalDate } from '../periods/local-date.ts';
import { readDays, withoutDays } from './said-dates.ts';
import { readBetween } from './said-times.ts';

/** When somebody wants to come, as an agent passes it on: dates or words. */
export interface SaidWhen {
  dateFrom?: string | undefined;
  dateTo?: string | undefined;
  timeOfDay?: string | undefined;
}

export interface When {
  from: LocalDate;
  to: LocalDate;
  /** Nobody said a date: these are the coming weeks. */
  anyDay: boolean;
  /** Minutes after midnight; undefined: at any time. */
  between: [number, number] | undefined;
}

const comingDays = 14;

/**
 * Reads when somebody wants to come: `2026-12-01`, "tomorrow afternoon", "next week", "after 4 pm", "कल शाम".
 * @param today on the clinic's calendar
 */
export function readWhen(said: SaidWhen, today: LocalDate, monthFirst = false): When {
  const days = (text: string | undefined) =>
    text === undefined ? undefined : readDays(romanise(text), today, monthFirst);
  const [from, to] = [days(said.dateFrom), days(said.dateTo)];
  const elsewhere = from ?? days(said.timeOfDay);
  const first = elsewhere?.from ?? today;
  const last = to?.to ?? elsewhere?.to ?? addDays(today, comingDays);
  return {
    from: first,
    to: last.localeCompare(first) < 0 ? first : last,
    anyDay: elsewhere === undefined && to === undefined,
    between: readTimes(said.timeOfDay, today, monthFirst) ?? readTimes(said.dateFrom, today, monthFirst),
  };
}

function readTimes(said: string | undefined, today: LocalDate, monthFirst: boolean) {
  if (said === undefined) return undefined;
  const text = romanise(said);
  if (/^\s*\d{4}-\d{2}-\d{2}[T ]/.test(text)) return readBetween(text);
  // "Tonight" is a day and a time.
  return readBetween(withoutDays(text, today, monthFirst)) ?? readBetween(text.replaceAll(/\d/g, ''));
}
