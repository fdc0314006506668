import { romanise } from '../devanagari.ts';
import { addDays, isDiaryDate, type LocalDate, laterOf } from '../periods/local-date.ts';
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
  /** All that was said was read; else the rest stands for it. */
  isClear: boolean;
}

const comingDays = 14;
/** Says that any time will do, or the first there is. */
const whenever =
  /^\W*$|\b(any|any ?(time|day)|when(ever)?|no preference|flexible|all day|soon(er|est)?|asap|earliest|urgent(ly)?|(next|first) (available|free|one|slot)|available|jald[i]|kabhi bhi|koi bhi)\b/i;

/**
 * Reads when somebody wants to come: `2026-12-01`, "tomorrow afternoon", "next week", "after 4 pm", "कल शाम".
 * @param today on the clinic's calendar
 */
export function readWhen(said: SaidWhen, today: LocalDate, monthFirst = false): When {
  const days = (text: string | undefined) => {
    const read = text === undefined ? undefined : readDays(romanise(text), today, monthFirst);
    return read && isDiaryDate(read.from) && isDiaryDate(read.to) ? read : undefined;
  };
  const [from, to] = [days(said.dateFrom), days(said.dateTo)];
  const elsewhere = from ?? days(said.timeOfDay);
  const first = elsewhere?.from ?? today;
  const isRead = (text: string | undefined) =>
    text === undefined ||
    whenever.test(romanise(text)) ||
    days(text) !== undefined ||
    readTimes(text, today, monthFirst) !== undefined;
  const last = to?.to ?? elsewhere?.to ?? addDays(today, comingDays);
  return {
    from: first,
    to: laterOf(first, last),
    anyDay: elsewhere === undefined && to === undefined,
    between: readTimes(said.timeOfDay, today, monthFirst) ?? readTimes(said.dateFrom, today, monthFirst),
    isClear: [said.dateFrom, said.dateTo, said.timeOfDay].every(isRead),
  };
}

function readTimes(said: string | undefined, today: LocalDate, monthFirst: boolean) {
  if (said === undefined) return undefined;
  const text = romanise(said);
  if (/^\s*\d{4}-\d{2}-\d{2}[T ]/.test(text)) return readBetween(text);
  // "Tonight" is a day and a time.
  return readBetween(withoutDays(text, today, monthFirst)) ?? readBetween(text.replaceAll(/\d/g, ''));
}
