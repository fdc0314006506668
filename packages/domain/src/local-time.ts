import { fromDayNumber } from './periods/local-date.ts';
import { localHourStart, offsetAt } from './periods/zone.ts';

/** Where an instant falls in a clinic's own time. */
export interface LocalTime {
  /** ISO date. */
  date: string;
  /** 0 to 23. */
  hour: number;
  /** 1 Monday to 7 Sunday. */
  weekday: number;
  /** Unix ms when this local hour began; an hour that a clock set back repeats begins twice. */
  hourStart: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** @param zone IANA name. @throws RangeError for a zone that does not exist. */
export function localTime(ms: number, zone: string): LocalTime {
  const offset = offsetAt(ms, zone);
  if (Number.isNaN(offset)) throw new RangeError(`no such time zone: ${zone}`);
  const wall = ms + offset;
  const day = Math.floor(wall / dayMs);
  return {
    date: fromDayNumber(day),
    hour: Math.floor((wall - day * dayMs) / hourMs),
    weekday: new Date(day * dayMs).getUTCDay() || 7,
    hourStart: localHourStart(ms, zone),
  };
}
