import { DateTime } from 'luxon';
import { findSaidBirths } from '../extraction/find-births.ts';
import { isLocalDate, type LocalDate } from '../periods/local-date.ts';

const earliest = '1900-01-01';

/** A birth date, as ISO or as it is said; null: none can be read. @param today on the clinic's calendar */
export function readBirth(said: string | undefined, today: LocalDate, monthFirst: boolean): LocalDate | null {
  const born = said === undefined ? null : readDate(said.trim(), today, monthFirst);
  return born !== null && born >= earliest && born <= today ? born : null;
}

function readDate(said: string, today: LocalDate, monthFirst: boolean): LocalDate | null {
  if (isLocalDate(said)) return said;
  const context = { today: DateTime.fromISO(today, { zone: 'utc' }), monthFirst };
  return findSaidBirths(said, context).find(({ normalised }) => normalised !== null)?.normalised ?? null;
}
