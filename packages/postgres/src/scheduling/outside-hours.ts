import { addDays, type LocalDate } from '@switchboard/domain/periods/local-date';
import { localDateAt } from '@switchboard/domain/periods/zone';
import { overlap, type Span } from '@switchboard/domain/scheduling/spans';
import { realSpans, type WorkSpan, workSpans } from '@switchboard/domain/scheduling/working-hours';
import type { Queryable } from '../pool.ts';
import { type Diary, loadDiaries } from './load-diaries.ts';

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
  /** Dates by the clocks of each visit's location; left out: all to come. */
  dates?: { from: LocalDate; to: LocalDate };
  /** Only visits that meet one of these times on such a date. */
  closed?: readonly ClosedTime[] | undefined;
  /** Visits that are over by then are left alone. Unix ms. */
  now: number;
}

interface StandingVisit extends Span {
  practitionerId: string | null;
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
  const visits = (await loadVisits(client, tenantId, query)).filter((visit) => isMeant(visit, query));
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
  const workAt = rememberWork(new Map(diaries.map((diary) => [diary.practitionerId, diary])));
  return visits.filter((visit) => !workAt(visit).some((span) => holds(span, visit))).length;
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

function holds(span: WorkSpan, visit: StandingVisit): boolean {
  return (
    span.from <= visit.from &&
    visit.to <= span.to &&
    (visit.locationId === null || span.locationId === null || visit.locationId === span.locationId)
  );
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
          ({ starts, ends, locationId }) =>
            (locationId === null || locationId === visit.locationId) &&
            realSpans(date, starts, ends, visit.zone).some((span) => overlap(span, visit)),
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
SELECT a.practitioner_id AS "practitionerId", a.location_id AS "locationId",
  (extract(epoch FROM a.starts_at) * 1000)::float8 AS "from", (extract(epoch FROM a.ends_at) * 1000)::float8 AS "to",
  coalesce(l.time_zone, t.time_zone) AS zone, t.time_zone AS "clinicZone"
FROM appointments a JOIN tenants t ON t.id = a.tenant_id
LEFT JOIN locations l ON l.tenant_id = $1 AND l.id = a.location_id
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
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM locations l JOIN appointments a ON a.tenant_id = $1 AND a.location_id = l.id
     WHERE l.tenant_id = $1 AND l.id = $2 AND a.ends_at > $3 AND a.starts_at > $3::timestamptz - interval '1 day' AND ${standing('a')}
       -- The most at one time are there when one of them begins.
       AND EXISTS (SELECT FROM appointments s WHERE s.tenant_id = $1 AND s.location_id = l.id AND ${standing('s')}
         AND s.starts_at > a.starts_at - interval '1 day' AND s.starts_at < a.ends_at AND s.ends_at > a.starts_at
         AND (SELECT count(*) FROM appointments o WHERE o.tenant_id = $1 AND o.location_id = l.id AND ${standing('o')}
           AND o.starts_at > a.starts_at - interval '1 day' AND o.starts_at <= greatest(s.starts_at, a.starts_at)
           AND o.ends_at > greatest(s.starts_at, a.starts_at)) > l.rooms)`,
    [tenantId, locationId, new Date(now)],
  );
  return rows[0]?.count ?? 0;
}

function standing(visit: string): string {
  return `${visit}.status IN ('scheduled', 'confirmed', 'checked_in') AND NOT ${visit}.entered_in_error AND NOT ${visit}.placeholder`;
}
