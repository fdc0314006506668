import { DateTime } from 'luxon';
import { findSaidBirths } from '../extraction/find-births.ts';
import { isLocalDate, type LocalDate } from '../periods/local-date.ts';

/** A birth date, as ISO or as it is said; null: none can be read. @param today on the clinic's calendar */
export function readBirth(said: string | undefined, today: LocalDate, monthFirst: boolean): LocalDate | null {
  if (said === undefined) return null;
  if (isLocalDate(said.trim())) return said.trim();
  const context = { today: DateTime.fromISO(today, { zone: 'utc' }), monthFirst };
  return findSaidBirths(said, context).find(({ normalised }) => normalised !== null)?.normalised ?? null;
}
