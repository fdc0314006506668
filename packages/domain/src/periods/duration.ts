import { Duration } from 'luxon';

/**
 * Milliseconds of an ISO 8601 duration of days and less, whose days have 24 hours: `P14DT1H`.
 * @throws RangeError for anything else
 */
export function millisecondsOf(duration: string): number {
  const parsed = Duration.fromISO(duration);
  if (!parsed.isValid || parsed.years !== 0 || parsed.months !== 0)
    throw new RangeError(`no duration of days and less: ${duration}`);
  return parsed.toMillis();
}
