import { DateTime } from 'luxon';
import { findDates } from '../extraction/find-dates.ts';
import { findSpokenTimes } from '../extraction/find-times.ts';
import { addDays, isLocalDate, type LocalDate, startOfWeek } from '../periods/local-date.ts';

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

const parts: readonly (readonly [RegExp, [number, number]])[] = [
  [/\bearly morning\b/i, [0, 600]],
  [/\bmorning\b|\bsubah\b|\bsavere\b|सुबह/i, [0, 720]],
  [/\bafternoon\b|\bdopahar\b|दोपहर/i, [720, 1_020]],
  [/\bevening\b|\bsha+m\b|शाम/i, [1_020, 1_260]],
  [/\bnight\b|\btonight\b|\braat\b|रात/i, [1_140, 1_440]],
];
/** Around a time that was named, minutes. */
const [earlier, later] = [30, 90];
const comingDays = 14;

/**
 * Reads when somebody wants to come: `2026-12-01`, "tomorrow afternoon", "next week", "after 4 pm".
 * @param today on the clinic's calendar
 */
export function readWhen(said: SaidWhen, today: LocalDate, monthFirst = false): When {
  const from = said.dateFrom === undefined ? undefined : readDates(said.dateFrom, today, monthFirst);
  const to = said.dateTo === undefined ? undefined : readDates(said.dateTo, today, monthFirst);
  const elsewhere =
    from ?? (said.timeOfDay === undefined ? undefined : readDates(said.timeOfDay, today, monthFirst));
  const first = elsewhere?.from ?? today;
  const last = to?.to ?? elsewhere?.to ?? addDays(today, comingDays);
  return {
    from: first,
    to: last.localeCompare(first) < 0 ? first : last,
    anyDay: elsewhere === undefined && to === undefined,
    between: readTimes(said.timeOfDay) ?? readTimes(said.dateFrom),
  };
}

function readDates(
  text: string,
  today: LocalDate,
  monthFirst: boolean,
): { from: LocalDate; to: LocalDate } | undefined {
  const plain = text.trim().slice(0, 10);
  if (isLocalDate(plain)) return { from: plain, to: plain };
  if (/\bthis week\b|\bis hafte\b|इस हफ्ते/i.test(text))
    return { from: today, to: addDays(startOfWeek(today, 1), 6) };
  if (/\bnext week\b|\bagle hafte\b|अगले हफ्ते/i.test(text) && !/day\b/i.test(text)) {
    const monday = addDays(startOfWeek(today, 1), 7);
    return { from: monday, to: addDays(monday, 6) };
  }
  const context = { today: DateTime.fromISO(today, { zone: 'utc' }), monthFirst };
  const date = findDates(text, context).find(({ normalised }) => normalised !== null)?.normalised;
  return date ? { from: date, to: date } : undefined;
}

function readTimes(text: string | undefined): [number, number] | undefined {
  if (text === undefined || /^\d{4}-\d{2}-\d{2}$/.test(text.trim())) return undefined;
  const time = findSpokenTimes(text, true)[0]?.normalised;
  if (!time) return parts.find(([words]) => words.test(text))?.[1];
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const at = hour * 60 + minute;
  if (/\bafter\b|\bfrom\b|\bke baad\b/i.test(text)) return [at, 1_440];
  if (/\bbefore\b|\bby\b|\btill\b|\buntil\b|\bse pehle\b/i.test(text)) return [0, at];
  return [Math.max(0, at - earlier), Math.min(1_440, at + later)];
}
