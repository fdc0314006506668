import { clockChanges, offsetAt } from '../periods/zone.ts';
import { joinSpans, overlap, type Span } from './spans.ts';
import type { WorkSpan } from './working-hours.ts';

/** How long a visit is, and what is kept free around it; minutes. */
export interface VisitLength {
  duration: number;
  bufferBefore: number;
  bufferAfter: number;
}

/** A time that a visit may have: `from` to `to` without the buffers. */
export interface Slot extends Span {
  locationId: string;
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
 * as long as the visit in real time, wholly inside the hours, none overlapping another with its buffers.
 */
export function makeSlots(work: readonly WorkSpan[], visit: VisitLength): Slot[] {
  const step = (visit.bufferBefore + visit.duration + visit.bufferAfter) * minuteMs;
  const duration = visit.duration * minuteMs;
  const possible = work
    .flatMap((span) => startsIn(span, step).map((from) => ({ from, to: from + duration, span })))
    .filter(({ to, span }) => to <= span.to)
    .sort((left, right) => left.from - right.from);
  const slots: Slot[] = [];
  for (const { from, to, span } of possible)
    if (from - (slots.at(-1)?.from ?? Number.NEGATIVE_INFINITY) >= step)
      slots.push({ from, to, locationId: span.locationId });
  return slots;
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

/** Where somebody works for the whole of a time; undefined: it is not inside their hours. */
export function locationAt(work: readonly WorkSpan[], time: Span): string | undefined {
  return work.find(({ from, to }) => from <= time.from && time.to <= to)?.locationId;
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
