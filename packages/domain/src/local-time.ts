import { DateTime } from 'luxon';
import { localHourStart } from './periods/zone.ts';

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

/** @param zone IANA name. @throws RangeError for a zone that does not exist. */
export function localTime(ms: number, zone: string): LocalTime {
  const local = DateTime.fromMillis(ms, { zone });
  if (!local.isValid) throw new RangeError(`no such time zone: ${zone}`);
  return {
    date: local.toISODate(),
    hour: local.hour,
    weekday: local.weekday,
    hourStart: localHourStart(ms, zone),
  };
}
