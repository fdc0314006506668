import { isLocalDate, type LocalDate } from '../periods/local-date.ts';
import { localDateAt, offsetAt } from '../periods/zone.ts';
import { type KnownColleague, namedAsHeard } from './as-heard.ts';
import { inField } from './whom-meant.ts';

/** Something that a call's extraction found; the last of a name is what holds. */
export interface SaidEntity {
  name: string;
  normalised: string | null;
  /** 0 to 1. */
  confidence: number;
}

/** When and with whom a caller wants to come, where all of it is certain. */
export interface AskedVisit {
  date: LocalDate;
  /** Minutes after midnight. */
  minute: number;
  /** Who may be meant: one by name, or all of a specialty. */
  practitionerIds: string[];
}

export type Unclear = 'date_unclear' | 'time_unclear' | 'practitioner_unclear';

/** A visit that a caller has. */
export interface HadVisit {
  practitionerId: string | null;
  /** Unix ms. */
  startsAt: number;
}

/** What is less sure is asked again by a person. */
const sure = 0.75;

/** What a call asked for, or what of it a person has to ask about. */
export function readAskedVisit(
  entities: readonly SaidEntity[],
  colleagues: readonly KnownColleague[],
): AskedVisit | Unclear {
  const said = (name: string) => {
    const last = entities.findLast((entity) => entity.name === name);
    return last && last.confidence >= sure ? last.normalised : null;
  };
  const [date, time] = [said('date'), said('time')];
  if (date === null || !isLocalDate(date)) return 'date_unclear';
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time ?? '') ?? [];
  if (hour === undefined || minute === undefined) return 'time_unclear';
  const practitionerIds = whoIsMeant(said('practitioner'), said('specialty'), colleagues);
  if (practitionerIds.length === 0) return 'practitioner_unclear';
  return { date, minute: Number(hour) * 60 + Number(minute), practitionerIds };
}

/**
 * Whether what a caller said of the visit that is to be cancelled or moved is another's. Who cancels speaks of that visit
 * alone, and the last word holds. Who moves it may say both days and both practitioners: the last day and any time are the
 * new ones, but of days said before, and of practitioners, one has to be the visit's.
 * @param zone of the clinic
 */
export function isOtherVisit(
  kind: 'reschedule' | 'cancel',
  entities: readonly SaidEntity[],
  visit: HadVisit,
  colleagues: readonly KnownColleague[],
  zone: string,
): boolean {
  const wall = new Date(visit.startsAt + offsetAt(visit.startsAt, zone)).toISOString();
  const [date, time] = [localDateAt(visit.startsAt, zone), wall.slice(11, 16)];
  const saidOf = (name: string) => entities.filter((one) => one.name === name).map((one) => one.normalised);
  const [dates, times, names] = [saidOf('date'), saidOf('time'), saidOf('practitioner')];
  const fields = names.length > 0 ? [] : saidOf('specialty');
  const known = colleagues.filter(({ id }) => id === visit.practitionerId);
  const isKnown = (heard: string | null) =>
    heard !== null && namedAsHeard(heard, colleagues).some(({ id }) => id === visit.practitionerId);
  const isField = (heard: string | null) => heard !== null && inField(heard, known).length > 0;
  if (kind === 'reschedule') {
    const before = dates.filter((one) => one !== dates.at(-1));
    return lacks(before, (one) => one === date) || lacks(names, isKnown) || lacks(fields, isField);
  }
  return (
    lacks(dates.slice(-1), (one) => one === date) ||
    lacks(times.slice(-1), (one) => one === time) ||
    lacks(names.slice(-1), isKnown) ||
    lacks(fields.slice(-1), isField)
  );
}

/** Whether something was said, and none of it is so. */
function lacks<T>(said: readonly T[], isSo: (one: T) => boolean): boolean {
  return said.length > 0 && !said.some(isSo);
}

function whoIsMeant(
  practitioner: string | null,
  specialty: string | null,
  colleagues: readonly KnownColleague[],
): string[] {
  if (practitioner !== null) {
    const named = namedAsHeard(practitioner, colleagues);
    return named.length === 1 ? named.map(({ id }) => id) : [];
  }
  if (specialty === null) return [];
  return inField(specialty, colleagues).map(({ id }) => id);
}
