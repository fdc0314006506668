import { IANAZone } from 'luxon';
import { dayNumber, fromDayNumber, type LocalDate } from './local-date.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Of one zone; ten years and what they are compared with. */
const maxKnownDays = 8_000;
/** By zone, then day since 1970: its offset, null on a day that changes it. */
const knownOffsets = new Map<string, Map<number, number | null>>();

/** Whether the runtime knows this IANA zone. */
export const isZone = (zone: string): boolean => IANAZone.isValidZone(zone);

/**
 * What the zone adds to UTC at this instant, in milliseconds. The runtime takes microseconds to tell, and an answer asks
 * thousands of times, so that the offset of a day is remembered where it is one: where it is the same at both ends.
 */
export function offsetAt(instant: number, zone: string): number {
  const days = daysOf(zone);
  const day = Math.floor(instant / dayMs);
  const known = days.get(day);
  if (known !== undefined) return known ?? exactOffset(instant, zone);
  const first = exactOffset(day * dayMs, zone);
  const offset = exactOffset((day + 1) * dayMs, zone) === first ? first : null;
  if (days.size >= maxKnownDays) days.clear();
  days.set(day, offset);
  return offset ?? exactOffset(instant, zone);
}

/** The calendar date in the zone at this instant. */
export function localDateAt(instant: number, zone: string): LocalDate {
  return fromDayNumber(Math.floor((instant + offsetAt(instant, zone)) / dayMs));
}

/** Hour of the day, 0 to 23, on the zone's clocks. */
export function localHourAt(instant: number, zone: string): number {
  return Math.floor((instant + offsetAt(instant, zone)) / hourMs) % 24;
}

/** The first instant of the date in the zone: later than 00:00 where clocks jump over it. */
export function startOfDay(date: LocalDate, zone: string): number {
  return instantOfWall(dayNumber(date) * dayMs, zone);
}

/**
 * The first instant at which the zone's clocks show this wall time (milliseconds as if it were UTC); where they jump
 * over it, the instant of the jump.
 */
export function instantOfWall(wall: number, zone: string): number {
  const before = offsetAt(wall - dayMs, zone);
  const after = offsetAt(wall + dayMs, zone);
  const candidates = [wall - before, wall - after].sort((a, b) => a - b);
  const exact = candidates.find((instant) => instant + offsetAt(instant, zone) === wall);
  return exact ?? transitionIn(wall - dayMs - before, wall + dayMs - after, zone);
}

/** When the hour that the zone's clocks show began: the full hour, or the change of clocks inside it. */
export function localHourStart(instant: number, zone: string): number {
  const offset = offsetAt(instant, zone);
  const start = Math.floor((instant + offset) / hourMs) * hourMs - offset;
  return offsetAt(start, zone) === offset ? start : transitionIn(start, instant, zone);
}

/** When the next hour of the zone's clocks begins. */
export function nextLocalHour(instant: number, zone: string): number {
  const offset = offsetAt(instant, zone);
  const next = (Math.floor((instant + offset) / hourMs) + 1) * hourMs - offset;
  return offsetAt(next, zone) === offset ? next : transitionIn(instant, next, zone);
}

/** The instant as RFC 3339 with the zone's offset, to the second. */
export function zonedIso(instant: number, zone: string): string {
  const offset = offsetAt(instant, zone);
  const minutes = Math.abs(offset) / minuteMs;
  const two = (value: number) => String(value).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  const wall = new Date(instant + offset).toISOString().slice(0, 19);
  return `${wall}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The instants after `from`, up to `to`, at which the zone's clocks are set forward or back, earliest first. */
export function clockChanges(from: number, to: number, zone: string): readonly number[] {
  const key = `${from} ${to} ${zone}`;
  const held = changesHeld.get(key);
  if (held) return held;
  const changes: number[] = [];
  for (let at = from; at < to; at += hourMs) {
    const next = Math.min(at + hourMs, to);
    if (offsetAt(at, zone) !== offsetAt(next, zone)) changes.push(transitionIn(at, next, zone));
  }
  if (changesHeld.size >= mostHeld) changesHeld.clear();
  changesHeld.set(key, changes);
  return changes;
}

/** The working hours of a whole clinic are the same few stretches again and again. */
const changesHeld = new Map<string, readonly number[]>();
const mostHeld = 5_000;

/** The first instant of the new offset, between two instants that have different ones. */
function transitionIn(from: number, to: number, zone: string): number {
  const offset = offsetAt(from, zone);
  let low = Math.floor(from / 1000);
  let high = Math.ceil(to / 1000);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * 1000, zone) === offset) low = middle;
    else high = middle;
  }
  return high * 1000;
}

function exactOffset(instant: number, zone: string): number {
  return IANAZone.create(zone).offset(instant) * minuteMs;
}

function daysOf(zone: string): Map<number, number | null> {
  const known = knownOffsets.get(zone) ?? new Map<number, number | null>();
  knownOffsets.set(zone, known);
  return known;
}
