import { addDays, dayNumber, type LocalDate, weekdayOf } from '../periods/local-date.ts';
import { clockChanges, offsetAt } from '../periods/zone.ts';
import { joinSpans, type Span, withoutSpans } from './spans.ts';

/** What visits hours are for. */
export interface HoursTerms {
  /** How long their slots are, minutes; null: as long as the visit. */
  slotMinutes: number | null;
  /** Kinds of visit they are for; null: all. */
  typeIds: readonly string[] | null;
}

/** Hours of every week, in the wall time of their zone. */
export interface WeeklyHours extends HoursTerms {
  /** 1 Monday … 7 Sunday: the day on which they begin. */
  weekday: number;
  /** Minutes after midnight. */
  starts: number;
  /** Minutes after midnight; not later than `starts`: on the day after. 1440: midnight. */
  ends: number;
  /** First and last day on which they begin; null: open. */
  validFrom: LocalDate | null;
  validTo: LocalDate | null;
  /** Null: nobody told where. */
  locationId: string | null;
  /** IANA zone. */
  zone: string;
}

/**
 * A date that differs from the weekly hours, in wall time: closed (leave, a holiday), open besides them, or open instead of
 * all that begin on it. What is open is for all visits unless it says for which.
 */
export interface HoursException extends Partial<HoursTerms> {
  kind: 'closed' | 'open' | 'instead';
  date: LocalDate;
  /** Minutes after midnight; of `instead` the same: nothing of the date is worked. */
  starts: number;
  ends: number;
  /** Null: closed at all locations; open at one that nobody told. */
  locationId: string | null;
  /** IANA zone; null: closed by the clocks of each of the hours. Never null where open. */
  zone: string | null;
}

/** Real time in which somebody works at a location. */
export interface WorkSpan extends Span, HoursTerms {
  /** Null: nobody told where. */
  locationId: string | null;
  /** Where its wall time is counted from: midnight of the day on which the hours begin, as if it were UTC, ms. */
  wallOrigin: number;
  zone: string;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
const wholeDay = 1_440;
/** How many days before and after the hours' own dates an exception may be to meet them: they end on the day after, and clocks are a day apart at most. */
const reach = 3;

/**
 * When somebody works, of the hours that begin on the dates from `from` to `to`. Wall time that clocks jump over is no time;
 * wall time that they repeat is there twice. What is closed is closed on its date, and a date closed as a whole has no
 * hours that begin on it either, though they go on past midnight. What is closed at one location closes hours of which nobody
 * told where they are, too.
 */
export function workSpans(
  weekly: readonly WeeklyHours[],
  exceptions: readonly HoursException[],
  from: LocalDate,
  to: LocalDate,
): WorkSpan[] {
  const near = exceptions.filter(({ date }) => addDays(from, -reach) <= date && date <= addDays(to, reach));
  const spans: WorkSpan[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) {
    const replaced = near.some((one) => one.kind === 'instead' && one.date === date);
    for (const hours of weekly)
      if (!replaced && beginsOn(hours, date) && !isClosedAllDay(near, date, hours.locationId))
        spans.push(...spansOf(date, { ...hours, ends: endOf(hours) }));
    for (const { kind, date: on, zone, slotMinutes = null, typeIds = null, ...hours } of near)
      if (kind !== 'closed' && on === date && zone !== null)
        spans.push(...spansOf(date, { ...hours, zone, slotMinutes, typeIds }));
  }
  const closed = near.filter(({ kind }) => kind === 'closed');
  return spans.flatMap((span) =>
    withoutSpans(
      span,
      closed
        .filter((one) => isNear(one, span) && meansPlace(one, span.locationId))
        .flatMap(({ date, starts, ends, zone }) => realSpans(date, starts, ends, zone ?? span.zone)),
    ),
  );
}

/** The real time in which a zone's clocks show a date's wall time from one minute to another, which may be past midnight. */
export function realSpans(date: LocalDate, starts: number, ends: number, zone: string): Span[] {
  const midnight = dayNumber(date) * dayMs;
  const [wallFrom, wallTo] = [midnight + starts * minuteMs, midnight + ends * minuteMs];
  const [first, last] = [wallFrom - dayMs, wallTo + dayMs];
  const edges = [first, ...clockChanges(first, last, zone), last];
  const spans = edges.slice(1).flatMap((until, index): Span[] => {
    const since = edges[index] ?? first;
    const offset = offsetAt(since, zone);
    const span = { from: Math.max(since, wallFrom - offset), to: Math.min(until, wallTo - offset) };
    return span.to > span.from ? [span] : [];
  });
  return joinSpans(spans);
}

function spansOf(
  date: LocalDate,
  hours: Pick<WeeklyHours, 'starts' | 'ends' | 'locationId' | 'zone' | keyof HoursTerms>,
): WorkSpan[] {
  const { starts, ends, locationId, zone, slotMinutes, typeIds } = hours;
  const wallOrigin = dayNumber(date) * dayMs + starts * minuteMs;
  return realSpans(date, starts, ends, zone).map((span) => ({
    ...span,
    locationId,
    wallOrigin,
    zone,
    slotMinutes,
    typeIds,
  }));
}

function beginsOn({ weekday, validFrom, validTo }: WeeklyHours, date: LocalDate): boolean {
  return (
    weekday === weekdayOf(date) &&
    (validFrom === null || validFrom <= date) &&
    (validTo === null || date <= validTo)
  );
}

function endOf({ starts, ends }: WeeklyHours): number {
  return ends > starts ? ends : ends + wholeDay;
}

function isClosedAllDay(
  exceptions: readonly HoursException[],
  date: LocalDate,
  locationId: string | null,
): boolean {
  return exceptions.some(
    (one) =>
      one.kind === 'closed' &&
      one.date === date &&
      one.starts === 0 &&
      one.ends >= wholeDay &&
      meansPlace(one, locationId),
  );
}

/** Whether the exception's date may have an instant in common with the span, by whatever clocks. */
function isNear({ date }: HoursException, { from, to }: Span): boolean {
  const midnight = dayNumber(date) * dayMs;
  return midnight < to + dayMs && midnight + 2 * dayMs > from;
}

/** Whether what is closed closes hours at a place; those of an unknown place may be there. */
function meansPlace(closed: HoursException, locationId: string | null): boolean {
  return closed.locationId === null || locationId === null || closed.locationId === locationId;
}
