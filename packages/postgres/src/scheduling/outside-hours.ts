import { addDays, type LocalDate } from '@switchboard/domain/periods/local-date';
import { localDateAt } from '@switchboard/domain/periods/zone';
import { joinSpans, overlap, type Span } from '@switchboard/domain/scheduling/spans';
import { realSpans, type WorkSpan, workSpans } from '@switchboard/domain/scheduling/working-hours';
import type { Queryable } from '../pool.ts';
import { type Diary, loadDiaries, placeOf } from './load-diaries.ts';
import { fullTimes, isAt } from './room.ts';

const wholeDay = 1_440;

/** Part of a date by the clocks of a location; minutes after midnight. */
export interface ClosedTime {
  starts: number;
  ends: number;
  /** Null: all locations. */
  locationId: string | null;
}

export interface OutsideQuery {
  /** Null: everybody's. */
  practitionerId: string | null;
  /** Dates by the clocks of each visit's location, with the nights that begin on them; left out: all to come. */
  dates?: { from: LocalDate; to: LocalDate };
  /** Only visits that meet one of these times on such a date, or are of a night that begins on one that is closed as a whole. */
  closed?: readonly ClosedTime[] | undefined;
  /** Visits that are over by then are left alone. Unix ms. */
  now: number;
}

interface StandingVisit extends Span {
  practitionerId: string | null;
  /** Null: nobody told where, in a clinic of several. */
  locationId: string | null;
  zone: string;
  clinicZone: string;
}

/**
 * How many visits stand where nobody works, by the hours as the transaction sees them: nothing is done to them. Under the
 * tenant's lock nothing is booked meanwhile.
 */
export async function countOutsideHours(
  client: Queryable,
  tenantId: string,
  query: OutsideQuery,
): Promise<number> {
  const visits = (await loadVisits(client, tenantId, query)).filter(
    (visit) => isMeant(visit, query) || mayBeOfNight(visit, query),
  );
  const [first, last] = [visits[0], visits.at(-1)];
  if (!first || !last) return 0;
  const ids = [...new Set(visits.flatMap(({ practitionerId }) => practitionerId ?? []))];
  const diaries = await loadDiaries(client, tenantId, {
    practitionerIds: ids,
    from: addDays(localDateAt(first.from, 'UTC'), -2),
    to: addDays(localDateAt(last.from, 'UTC'), 2),
    within: { from: query.now, to: query.now },
    now: query.now,
    zone: first.clinicZone,
  });
  const byId = new Map(diaries.map((diary) => [diary.practitionerId, diary]));
  const workAt = rememberWork(byId);
  return visits.filter(
    (visit) =>
      !areInside(workAt(visit), visit) &&
      (isMeant(visit, query) || isOfNight(byId.get(visit.practitionerId ?? ''), visit)),
  ).length;
}

/** A practitioner's work around the date of a visit; several visits of a date ask once. */
function rememberWork(diaries: ReadonlyMap<string, Diary>): (visit: StandingVisit) => WorkSpan[] {
  const known = new Map<string, WorkSpan[]>();
  return ({ practitionerId, from }) => {
    const diary = practitionerId === null ? undefined : diaries.get(practitionerId);
    if (!diary) return [];
    const date = localDateAt(from, 'UTC');
    const key = `${practitionerId} ${date}`;
    const work =
      known.get(key) ?? workSpans(diary.weekly, diary.exceptions, addDays(date, -2), addDays(date, 1));
    known.set(key, work);
    return work;
  };
}

/** Whether the practitioner works at one place for the whole of a visit; hours that touch are one time. */
function areInside(work: readonly WorkSpan[], visit: StandingVisit): boolean {
  const places =
    visit.locationId === null ? new Set(work.map(({ locationId }) => locationId)) : [visit.locationId];
  return [...places].some((place) => {
    const there = work.filter(({ locationId }) => locationId === null || locationId === place);
    return joinSpans(there).some(({ from, to }) => from <= visit.from && visit.to <= to);
  });
}

/** Whether it begins in weekly hours that began on the day before, whatever that date is now. */
function isOfNight(diary: Diary | undefined, visit: StandingVisit): boolean {
  if (!diary) return false;
  const eve = eveOf(visit);
  return areInside(workSpans(diary.weekly, [], eve, eve), { ...visit, to: visit.from + 1 });
}

/** Whether it begins on the day after one that was asked for, and that has no nights, or may have none. */
function mayBeOfNight(visit: StandingVisit, { dates, closed }: OutsideQuery): boolean {
  if (!dates) return false;
  const eve = eveOf(visit);
  const isWhole = ({ starts, ends }: ClosedTime) => starts === 0 && ends >= wholeDay;
  return (
    dates.from <= eve &&
    eve <= dates.to &&
    (!closed || closed.some((one) => isWhole(one) && meansPlace(one, visit)))
  );
}

function eveOf({ from, zone }: StandingVisit): LocalDate {
  return addDays(localDateAt(from, zone), -1);
}

/** Whether a visit is, or may be, where is closed. */
function meansPlace(closed: ClosedTime, { locationId }: StandingVisit): boolean {
  return closed.locationId === null || locationId === null || closed.locationId === locationId;
}

function isMeant(visit: StandingVisit, { dates, closed }: OutsideQuery): boolean {
  if (!dates) return true;
  const days = new Set([localDateAt(visit.from, visit.zone), localDateAt(visit.to - 1, visit.zone)]);
  return [...days].some(
    (date) =>
      dates.from <= date &&
      date <= dates.to &&
      (!closed ||
        closed.some(
          (one) =>
            meansPlace(one, visit) &&
            realSpans(date, one.starts, one.ends, visit.zone).some((span) => overlap(span, visit)),
        )),
  );
}

async function loadVisits(
  client: Queryable,
  tenantId: string,
  { practitionerId, dates, now }: OutsideQuery,
): Promise<StandingVisit[]> {
  const { rows } = await client.query<StandingVisit>(visitsSql, [
    tenantId,
    practitionerId,
    new Date(now),
    dates ? addDays(dates.from, -2) : '-infinity',
    dates ? addDays(dates.to, 2) : 'infinity',
  ]);
  return rows;
}

// A visit lasts a day at most; midnights of all zones are within a day of each other.
const visitsSql = `
SELECT a.practitioner_id AS "practitionerId", coalesce(a.location_id, l.id) AS "locationId",
  (extract(epoch FROM a.starts_at) * 1000)::float8 AS "from", (extract(epoch FROM a.ends_at) * 1000)::float8 AS "to",
  coalesce(l.time_zone, t.time_zone) AS zone, t.time_zone AS "clinicZone"
FROM appointments a JOIN tenants t ON t.id = a.tenant_id
${placeOf('a')}
WHERE a.tenant_id = $1 AND ($2::uuid IS NULL OR a.practitioner_id = $2) AND a.ends_at > $3
  AND a.starts_at > $3::timestamptz - interval '1 day' AND a.starts_at >= $4::date AND a.starts_at < $5::date
  AND ${standing('a')}
ORDER BY a.starts_at`;

/** How many visits to come are at a location while more are there than it has rooms; nothing is done to them. */
export async function countWithoutRoom(
  client: Queryable,
  tenantId: string,
  locationId: string,
  now: number,
): Promise<number> {
  // A visit lasts a day at most: who is there on a visit that is not over began two days ago at the earliest.
  const { rows } = await client.query<Span & { rooms: number }>(
    `SELECT l.rooms, (extract(epoch FROM a.starts_at) * 1000)::float8 AS "from", (extract(epoch FROM a.ends_at) * 1000)::float8 AS "to"
     FROM locations l JOIN appointments a ON a.tenant_id = $1 AND ${isAt('a', 'l.id')}
     WHERE l.tenant_id = $1 AND l.id = $2 AND l.rooms IS NOT NULL AND a.starts_at > $3::timestamptz - interval '2 days' AND ${standing('a')}`,
    [tenantId, locationId, new Date(now)],
  );
  const crowded = fullTimes(rows, (rows[0]?.rooms ?? 0) + 1);
  return rows.filter((visit) => visit.to > now && crowded.some((one) => overlap(one, visit))).length;
}

function standing(visit: string): string {
  return `${visit}.status IN ('scheduled', 'confirmed', 'checked_in') AND NOT ${visit}.entered_in_error AND NOT ${visit}.placeholder`;
}
