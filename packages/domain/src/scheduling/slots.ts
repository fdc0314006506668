import { clockChanges, offsetAt } from '../periods/zone.ts';
import { joinSpans, overlap, type Span } from './spans.ts';
import type { HoursTerms, WorkSpan } from './working-hours.ts';

/** How long a visit is, and what is kept free around it; minutes. */
export interface VisitLength {
  duration: number;
  bufferBefore: number;
  bufferAfter: number;
  /** Nobody told how long it is: as long as the slots of the hours, where those are told. */
  lengthUntold?: boolean | undefined;
}

/** A visit that is to have a slot. */
export interface SlotVisit extends VisitLength {
  /** Its kind; null: none. Hours that are for some kinds are for these alone. */
  id?: string | null | undefined;
  /** Nobody told its kind, and it is there already: any hours that are for something may be for it. */
  kindUntold?: boolean | undefined;
}

/** A time that a visit may have: `from` to `to` without the buffers. */
export interface Slot extends Span {
  /** Null: nobody told where. */
  locationId: string | null;
}

const minuteMs = 60_000;
const [earliest, latest] = [Date.UTC(2000, 0, 1), Date.UTC(2100, 0, 1)];

/** Why no visit begins then; null: one may. @param from Unix ms; NaN is no time either */
export function startFault(from: number): string | null {
  if (!(from >= earliest && from < latest)) return 'must be from 2000 to 2099';
  return from % minuteMs === 0 ? null : 'must be a whole minute';
}

/**
 * The slots of working time, earliest first: one behind the other from the beginning of the hours by the wall clock, each
 * as long as the visit in real time, wholly inside hours that are for it, none overlapping another with its buffers. Where the
 * hours tell how long their slots are, each begins where one of these does.
 */
export function makeSlots(work: readonly WorkSpan[], visit: SlotVisit): Slot[] {
  const possible = work
    .filter((span) => areFor(span, visit))
    .flatMap((span) =>
      startsIn(span, stepIn(span, visit)).map((from) => ({ from, to: from + durationIn(span, visit), span })),
    )
    .filter(({ to, span }) => to <= span.to)
    .sort((left, right) => left.from - right.from);
  const slots: Slot[] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const { from, to, span } of possible) {
    const occupied = occupiedBy({ from, to }, visit);
    if (occupied.from < until) continue;
    slots.push({ from, to, locationId: span.locationId });
    until = occupied.to;
  }
  return slots;
}

/** The longest that a visit may be in any hours, minutes. */
export function longestOf({ duration, lengthUntold }: VisitLength): number {
  return lengthUntold ? Math.max(duration, 1_440) : duration;
}

/** What a visit at this time takes from others, buffers included. */
export function occupiedBy(
  { from, to }: Span,
  visit: Pick<VisitLength, 'bufferBefore' | 'bufferAfter'>,
): Span {
  return { from: from - visit.bufferBefore * minuteMs, to: to + visit.bufferAfter * minuteMs };
}

/** The slots that begin at `notBefore` or later and meet nothing that is taken. */
export function freeSlots(
  slots: readonly Slot[],
  visit: VisitLength,
  taken: readonly Span[],
  notBefore: number,
): Slot[] {
  const busy = joinSpans(taken);
  return slots.filter(
    (slot) => slot.from >= notBefore && !busy.some((one) => overlap(one, occupiedBy(slot, visit))),
  );
}

/**
 * The time of a visit that begins at an instant, and where; undefined: it is not inside hours that are for it, or begins
 * where none of their slots begins.
 * @param between whether it may begin between two slots of the hours
 */
export function slotFrom(
  work: readonly WorkSpan[],
  from: number,
  visit: SlotVisit,
  between = false,
): Slot | undefined {
  const hours = work.find(
    (span) =>
      areFor(span, visit) &&
      span.from <= from &&
      from + durationIn(span, visit) <= span.to &&
      (between || beginsSlot(span, from)),
  );
  return hours && { from, to: from + durationIn(hours, visit), locationId: hours.locationId };
}

/** Whether a slot of the hours begins then, by the wall clock; where they tell of none: always. */
function beginsSlot({ slotMinutes, wallOrigin, zone }: WorkSpan, from: number): boolean {
  return slotMinutes === null || (from + offsetAt(from, zone) - wallOrigin) % (slotMinutes * minuteMs) === 0;
}

/** Whether hours are for a visit. */
export function areFor(
  { typeIds }: Pick<HoursTerms, 'typeIds'>,
  { id = null, kindUntold }: SlotVisit,
): boolean {
  if (typeIds === null) return true;
  return kindUntold ? typeIds.length > 0 : id !== null && typeIds.includes(id);
}

/** How long the visit is in these hours, ms. */
function durationIn({ slotMinutes }: HoursTerms, { duration, lengthUntold }: VisitLength): number {
  return ((lengthUntold ? slotMinutes : null) ?? duration) * minuteMs;
}

/** From one slot to the next, ms: what the visit takes, in whole slots of the hours. */
function stepIn(hours: HoursTerms, visit: VisitLength): number {
  const taken = durationIn(hours, visit) + (visit.bufferBefore + visit.bufferAfter) * minuteMs;
  const slot = (hours.slotMinutes ?? 0) * minuteMs || taken;
  return Math.ceil(taken / slot) * slot;
}

/** The instants of a span at which the wall clock is whole steps behind the beginning of the hours. */
function startsIn({ from, to, wallOrigin, zone }: WorkSpan, step: number): number[] {
  const starts: number[] = [];
  const edges = [from, ...clockChanges(from, to, zone), to];
  for (const [index, since] of edges.slice(0, -1).entries()) {
    const into = since + offsetAt(since, zone) - wallOrigin;
    const until = edges[index + 1] ?? to;
    for (let at = since + Math.ceil(into / step) * step - into; at < until; at += step) starts.push(at);
  }
  return starts;
}
