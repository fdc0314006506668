/** A calendar date without a zone, `YYYY-MM-DD`. Compares as text. */
export type LocalDate = string;

const dayMs = 86_400_000;

/** Days since 1970-01-01. @throws RangeError when the text is no date. */
export function dayNumber(date: LocalDate): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms)) throw new RangeError('not a date of the form YYYY-MM-DD');
  return ms / dayMs;
}

export function fromDayNumber(day: number): LocalDate {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** Whether the text is a date that the calendar has, which has no year 0: Postgres refuses it. */
export function isLocalDate(text: string): boolean {
  try {
    return text >= '0001' && fromDayNumber(dayNumber(text)) === text;
  } catch {
    return false;
  }
}

/** From 2000 to 2099: what a diary may be asked for. A machine's zero time, or its last one, is nobody's day. */
export const isDiaryDate = (date: LocalDate): boolean => date >= '2000-01-01' && date < '2100-01-01';

/** The later of two dates. */
export const laterOf = (one: LocalDate, other: LocalDate): LocalDate => (one < other ? other : one);

export const addDays = (date: LocalDate, days: number): LocalDate => fromDayNumber(dayNumber(date) + days);

/** Days from the first to the second; negative when the second is earlier. */
export const daysBetween = (from: LocalDate, to: LocalDate): number => dayNumber(to) - dayNumber(from);

/** The same day `months` later; a day that the month lacks becomes its last one. */
export function addMonths(date: LocalDate, months: number): LocalDate {
  const index = monthIndex(date) + months;
  const first = Date.UTC(Math.floor(index / 12), index % 12, 1) / dayMs;
  const length = Date.UTC(Math.floor((index + 1) / 12), (index + 1) % 12, 1) / dayMs - first;
  return fromDayNumber(first + Math.min(Number(date.slice(8)), length) - 1);
}

/** Months since year 0. */
export const monthIndex = (date: LocalDate): number =>
  Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;

export const startOfMonth = (date: LocalDate): LocalDate => `${date.slice(0, 8)}01`;

export const startOfQuarter = (date: LocalDate): LocalDate =>
  addMonths(startOfMonth(date), -(monthIndex(date) % 3));

export const startOfYear = (date: LocalDate): LocalDate => `${date.slice(0, 5)}01-01`;

/** 1 Monday … 7 Sunday. */
export const weekdayOf = (date: LocalDate): number => ((((dayNumber(date) + 3) % 7) + 7) % 7) + 1;

/** The last `firstWeekday` (1 Monday … 7 Sunday) that is not after the date. */
export const startOfWeek = (date: LocalDate, firstWeekday: number): LocalDate =>
  addDays(date, -((weekdayOf(date) - firstWeekday + 7) % 7));
