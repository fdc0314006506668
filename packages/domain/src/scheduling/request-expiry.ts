import { dayNumber, isLocalDate } from '../periods/local-date.ts';
import { instantOfWall } from '../periods/zone.ts';

const dayMs = 86_400_000;
const unknownMs = 14 * dayMs;

/**
 * Until when what was asked for is work for a person, Unix ms: until the time that was wanted, and a day at least, so that
 * it is seen; two weeks where no time to come was said.
 * @param wanted what was said of it: `date` (ISO) and `time` (HH:MM), as far as they were
 * @param askedAt Unix ms
 */
export function requestExpiry(
  { date, time }: Readonly<Record<string, string>>,
  askedAt: number,
  timeZone: string,
): number {
  if (date === undefined || !isLocalDate(date)) return askedAt + unknownMs;
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time ?? '') ?? [];
  // Of a day alone, its end.
  const ofDay = hour === undefined ? dayMs : (Number(hour) * 60 + Number(minute)) * 60_000;
  const wantedAt = instantOfWall(dayNumber(date) * dayMs + ofDay, timeZone);
  return wantedAt <= askedAt ? askedAt + unknownMs : Math.max(wantedAt, askedAt + dayMs);
}
