import { isLocalDate, type LocalDate } from '../periods/local-date.ts';
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
