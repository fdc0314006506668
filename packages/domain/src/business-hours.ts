import { addDays, weekdayOf } from './periods/local-date.ts';
import { instantOfWall, localDateAt } from './periods/zone.ts';

/**
 * When a clinic is open: ISO weekday (1 Monday) to spans of wall time in its zone, `[["09:00", "17:30"]]`. A weekday that
 * is not there is closed; no weekday at all: always open. A span that ends before it begins goes on past midnight, and
 * `24:00` is the end of the day.
 */
export type BusinessHours = Readonly<Record<string, readonly (readonly [string, string])[]>>;

/** Reads what is stored; a span that is none is left out, since no clinic's numbers may stand still for it. */
export function readBusinessHours(stored: unknown): BusinessHours {
  if (typeof stored !== 'object' || stored === null) return {};
  return Object.fromEntries(
    Object.entries(stored)
      .filter(([weekday]) => /^[1-7]$/.test(weekday))
      .map(([weekday, spans]) => [weekday, Array.isArray(spans) ? spans.filter(isSpan) : []]),
  );
}

function isSpan(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((time) => isTime(time));
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(value);
}

/** Whether the clinic is open at this instant; at the end of a span it is closed. @param zone IANA name */
export function isOpenAt(hours: BusinessHours, instant: number, zone: string): boolean {
  if (isAlwaysOpen(hours)) return true;
  const date = localDateAt(instant, zone);
  return [addDays(date, -1), date].some((day) =>
    spansOf(hours, day, zone).some(([from, to]) => from <= instant && instant < to),
  );
}

/**
 * How long the clinic was open between two instants, ms; 0 when the second is not later. Where clocks are set forward or
 * back, an hour that does not exist was not open, and one that comes twice was so twice.
 * @param zone IANA name
 */
export function businessMsBetween(hours: BusinessHours, from: number, to: number, zone: string): number {
  if (to <= from) return 0;
  if (isAlwaysOpen(hours)) return to - from;
  let open = 0;
  let counted = from;
  const last = localDateAt(to, zone);
  for (let day = addDays(localDateAt(from, zone), -1); day <= last; day = addDays(day, 1)) {
    for (const [begins, ends] of spansOf(hours, day, zone)) {
      // What another span has counted is not counted again.
      const start = Math.max(begins, counted);
      const end = Math.min(ends, to);
      if (end > start) {
        open += end - start;
        counted = end;
      }
    }
  }
  return open;
}

function isAlwaysOpen(hours: BusinessHours): boolean {
  return Object.keys(hours).length === 0;
}

/** The spans that begin on a date, as instants, earliest first. */
function spansOf(hours: BusinessHours, date: string, zone: string): [number, number][] {
  return (hours[String(weekdayOf(date))] ?? [])
    .map(([starts, ends]): [number, number] => [
      instantAt(date, starts, zone),
      instantAt(minutesOf(ends) <= minutesOf(starts) ? addDays(date, 1) : date, ends, zone),
    ])
    .sort(([a], [b]) => a - b);
}

function instantAt(date: string, time: string, zone: string): number {
  return instantOfWall(Date.parse(`${date}T00:00:00Z`) + minutesOf(time) * 60_000, zone);
}

/** Minutes after midnight of a time of day, HH:MM. */
export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
