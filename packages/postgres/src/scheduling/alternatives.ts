import { addDays, type LocalDate } from '@switchboard/domain/periods/local-date';
import type { Queryable } from '../pool.ts';
import { type FoundSlot, findFreeSlots, type SlotQuery } from './find-slots.ts';

export interface AlternativesQuery
  extends Omit<SlotQuery, 'practitionerIds' | 'from' | 'to' | 'between' | 'limit'> {
  practitionerId: string;
  /** Who else could see the patient. */
  colleagueIds: readonly string[];
  /** The day that was wanted. */
  date: LocalDate;
  /** The time that was wanted, Unix ms. */
  near: number;
}

/** How many a voice reads out. */
const most = 3;
const daysAhead = 21;

/** Up to three free slots in place of one that cannot be had: the same practitioner's that day, colleagues' that day, then the next. */
export async function findAlternatives(
  client: Queryable,
  tenantId: string,
  { practitionerId, colleagueIds, date, near, ...query }: AlternativesQuery,
): Promise<FoundSlot[]> {
  const search = (practitionerIds: readonly string[], from: LocalDate, to: LocalDate, limit: number) =>
    findFreeSlots(client, tenantId, { ...query, practitionerIds, from, to, limit });
  const found = (await search([practitionerId], date, date, 100))
    .sort((left, right) => Math.abs(left.from - near) - Math.abs(right.from - near))
    .slice(0, most);
  if (found.length < most && colleagueIds.length > 0)
    found.push(
      ...(await search(colleagueIds, date, date, 500))
        .sort((left, right) => Math.abs(left.from - near) - Math.abs(right.from - near))
        .slice(0, most - found.length),
    );
  if (found.length < most)
    found.push(
      ...(await search([practitionerId], addDays(date, 1), addDays(date, daysAhead), most - found.length)),
    );
  return found;
}
