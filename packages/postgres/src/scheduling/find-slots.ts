import { addDays, daysBetween, type LocalDate, laterOf } from '@switchboard/domain/periods/local-date';
import { localDateAt, offsetAt, startOfDay } from '@switchboard/domain/periods/zone';
import {
  areFor,
  freeSlots,
  longestOf,
  makeSlots,
  occupiedBy,
  type Slot,
  slotFrom,
} from '@switchboard/domain/scheduling/slots';
import { overlap, type Span } from '@switchboard/domain/scheduling/spans';
import { workSpans } from '@switchboard/domain/scheduling/working-hours';
import type { Queryable } from '../pool.ts';
import { type Diary, loadDiaries } from './load-diaries.ts';
import { hasNoRoom, loadFullTimes } from './room.ts';
import type { VisitType } from './visit-types.ts';

/** A time that can be booked now. Unix ms, without buffers. */
export interface FreeSlot {
  practitionerId: string;
  /** Null: nobody told where. */
  locationId: string | null;
  from: number;
  to: number;
}

/** A free time, and for a visit of which kind. */
export interface FoundSlot extends FreeSlot {
  visit: VisitType;
}

export interface SlotQuery {
  /** Whose; best first where several are equally early. */
  practitionerIds: readonly string[];
  locationId?: string | undefined;
  /** Dates on the clinic's calendar on which they begin. */
  from: LocalDate;
  to: LocalDate;
  /** Minutes after midnight between which they begin; the second is no part of it. */
  between?: readonly [number, number] | undefined;
  /** Instants between which they begin, Unix ms; the second is no part of it. */
  stretch?: { from: number; to: number } | undefined;
  visit: VisitType;
  /**
   * Nobody named a kind: for a practitioner whose hours are all for other kinds, the first of these that some are for is
   * looked for instead.
   */
  others?: readonly VisitType[] | undefined;
  /** Most slots. */
  limit: number;
  /** Unix ms. */
  now: number;
  /** IANA zone of the clinic. */
  zone: string;
  /** An appointment that is about to move. */
  except?: string | undefined;
}

/** How many days are looked through, and how far ahead. */
const [mostDays, farthest] = [92, 730];

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Free slots, earliest first: the practitioners' hours without what is taken or held. Day by day, until there are enough. */
export async function findFreeSlots(
  client: Queryable,
  tenantId: string,
  query: SlotQuery,
): Promise<FoundSlot[]> {
  const { limit, zone, now } = query;
  const today = localDateAt(now, zone);
  const from = laterOf(query.from, today);
  const last = earliestOf(query.to, addDays(from, mostDays), addDays(today, farthest));
  const found: FoundSlot[] = [];
  // One practitioner's weeks are read at once; a whole clinic's are many rows.
  let days = query.practitionerIds.length > 20 ? 1 : 7;
  for (let date = from; date <= last && found.length < limit; date = addDays(date, days)) {
    days = Math.min(days, daysBetween(date, last) + 1);
    found.push(...(await slotsBetween(client, tenantId, query, date, addDays(date, days - 1))));
  }
  return found.slice(0, limit);
}

function earliestOf(first: LocalDate, ...others: LocalDate[]): LocalDate {
  return [first, ...others].toSorted()[0] ?? first;
}

async function slotsBetween(
  client: Queryable,
  tenantId: string,
  query: SlotQuery,
  from: LocalDate,
  to: LocalDate,
): Promise<FoundSlot[]> {
  const { now, zone, between, locationId, stretch } = query;
  const [begins, ends] = [startOfDay(from, zone), startOfDay(addDays(to, 1), zone)];
  const reaches = [query.visit, ...(query.others ?? [])].map((visit) =>
    occupiedBy({ from: begins, to: ends + longestOf(visit) * minuteMs }, visit),
  );
  const within = {
    from: Math.min(...reaches.map((reach) => reach.from)),
    to: Math.max(...reaches.map((reach) => reach.to)),
  };
  const diaries = await loadDiaries(client, tenantId, { ...query, from, to, within });
  const rank = new Map(query.practitionerIds.map((id, index) => [id, index]));
  const free = diaries
    .flatMap((diary) => {
      const { practitionerId, weekly, exceptions, taken } = diary;
      const visit = visitWith(diary, query);
      const notBefore = now + visit.leadTime * minuteMs;
      const work = workSpans(weekly, exceptions, addDays(from, -1), addDays(to, 1));
      return freeSlots(makeSlots(work, visit), visit, taken, notBefore).map((slot) => ({
        practitionerId,
        ...slot,
        visit,
      }));
    })
    .filter(
      (slot) =>
        begins <= slot.from &&
        slot.from < ends &&
        (locationId === undefined || slot.locationId === locationId) &&
        (between === undefined || isBetween(minuteOf(slot.from, zone), between)) &&
        (stretch === undefined || (stretch.from <= slot.from && slot.from < stretch.to)),
    )
    .sort(
      (left, right) =>
        left.from - right.from ||
        (rank.get(left.practitionerId) ?? 0) - (rank.get(right.practitionerId) ?? 0),
    );
  const [first, last] = [free[0], free.at(-1)];
  if (!first || !last) return [];
  const locations = [...new Set(free.flatMap((slot) => slot.locationId ?? []))];
  const span = { from: first.from, to: last.to + dayMs };
  const full = await loadFullTimes(client, tenantId, locations, span, now, query.except);
  return free.filter((slot) => !isFull(full, slot));
}

/** The visit that is looked for with a practitioner. */
function visitWith({ weekly, exceptions }: Diary, { visit, others = [] }: SlotQuery): VisitType {
  const hours = [
    ...weekly,
    ...exceptions.flatMap(({ kind, typeIds = null }) => (kind === 'closed' ? [] : [{ typeIds }])),
  ];
  return [visit, ...others].find((one) => hours.some((some) => areFor(some, one))) ?? visit;
}

function isFull(full: ReadonlyMap<string, readonly Span[]>, slot: Slot): boolean {
  return full.get(slot.locationId ?? '')?.some((one) => overlap(one, slot)) ?? false;
}

/** Minutes after midnight by the zone's clocks. */
function minuteOf(instant: number, zone: string): number {
  return ((instant + offsetAt(instant, zone)) % dayMs) / minuteMs;
}

function isBetween(minute: number, [first, end]: readonly [number, number]): boolean {
  return first <= minute && minute < end;
}

export type SlotFault = 'OUTSIDE_HOURS' | 'TOO_SOON' | 'SLOT_TAKEN';

export interface WantedTime {
  practitionerId: string;
  /** Unix ms. */
  from: number;
  visit: VisitType;
  now: number;
  zone: string;
  except?: string | undefined;
  /** Whether it may begin between two slots of hours that tell how long theirs are. */
  betweenSlots?: boolean | undefined;
}

/** The slot at a time, or why it cannot be had. The constraint of the database has the last word. */
export async function checkTime(
  client: Queryable,
  tenantId: string,
  { practitionerId, from, visit, now, zone, except, betweenSlots }: WantedTime,
): Promise<FreeSlot | SlotFault> {
  const date = localDateAt(from, zone);
  const [diary] = await loadDiaries(client, tenantId, {
    practitionerIds: [practitionerId],
    from: date,
    to: date,
    within: occupiedBy({ from, to: from + longestOf(visit) * minuteMs }, visit),
    now,
    zone,
    except,
  });
  const slot = diary && slotFrom(workAround(diary, date), from, visit, betweenSlots);
  if (!slot) return 'OUTSIDE_HOURS';
  if (from < now + visit.leadTime * minuteMs) return 'TOO_SOON';
  const own = occupiedBy(slot, visit);
  if (diary.taken.some((one) => overlap(one, own))) return 'SLOT_TAKEN';
  if (await hasNoRoom(client, tenantId, slot.locationId, slot, now, except)) return 'SLOT_TAKEN';
  return { practitionerId, ...slot };
}

function workAround({ weekly, exceptions }: Diary, date: LocalDate) {
  return workSpans(weekly, exceptions, addDays(date, -1), addDays(date, 1));
}
