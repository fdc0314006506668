import { bucketOf } from '../histogram.ts';
import { localTime } from '../local-time.ts';

/** When a statement counts, in the clinic's own time; columns of every fact. */
export type LocalTimeColumns = {
  /** `2026-11-20 05:02:11.000`, UTC. */
  occurred_at: string;
  local_date: string;
  /** UTC instant at which the local hour began; an hour that a clock set back repeats begins twice. */
  hour_start: string;
  /** 0 to 23. */
  local_hour: number;
  /** 1 Monday to 7 Sunday. */
  local_weekday: number;
};

/** @param zone IANA name. @throws RangeError for a zone that does not exist. */
export function localTimeColumns(ms: number, zone: string): LocalTimeColumns {
  const local = localTime(ms, zone);
  return {
    occurred_at: utcMillis(ms),
    local_date: local.date,
    hour_start: new Date(local.hourStart).toISOString().replace('T', ' ').slice(0, 19),
    local_hour: local.hour,
    local_weekday: local.weekday,
  };
}

/** `2026-11-20 05:02:11.000`, UTC; null is 1970. */
export function utcMillis(ms: number | null): string {
  return new Date(ms ?? 0).toISOString().replace('T', ' ').slice(0, 23);
}

/** Stands in a fact for an id that is not known. */
export const noId = '00000000-0000-0000-0000-000000000000';

export function flag(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}

/** A number as an integer of millionths; null as 0. */
export function micro(value: number | null): number {
  return Math.round((value ?? 0) * 1_000_000);
}

/** From one instant to a later one, ms; null when either is unknown. What came before counts as at once. */
export function elapsed(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(0, to - from);
}

/** The bucket of one value, as a fact's histogram column holds it. */
export function histogram(value: number | null): number[] {
  return value === null ? [] : [bucketOf(Math.round(value))];
}

/** A foreign id as a dimension: only what looks like an id, so that no text slips in. */
export function identifier(text: string | null): string {
  return text !== null && isIdentifier(text) ? text : '';
}

/** Whether a text may stand in a fact. */
export function isIdentifier(text: string): boolean {
  return /^[\w.:-]{1,64}$/.test(text);
}

export function currency(text: string | null): string {
  return text !== null && /^[A-Z]{3}$/.test(text) ? text : '';
}
