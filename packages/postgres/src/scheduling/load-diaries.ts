import { addDays, type LocalDate } from '@switchboard/domain/periods/local-date';
import type { Span } from '@switchboard/domain/scheduling/spans';
import type { HoursException, WeeklyHours } from '@switchboard/domain/scheduling/working-hours';
import type { Queryable } from '../pool.ts';
import { plainNameOf } from '../records/plain-name.ts';

/** When a practitioner works, and what is taken. */
export interface Diary {
  practitionerId: string;
  weekly: WeeklyHours[];
  exceptions: HoursException[];
  /** Appointments and holds that keep the practitioner's time, buffers included. */
  taken: Span[];
}

export interface DiaryQuery {
  practitionerIds: readonly string[];
  from: LocalDate;
  to: LocalDate;
  /** Between which instants it matters what is taken. */
  within: Span;
  /** Holds that are over by then keep no time. Unix ms. */
  now: number;
  /** IANA zone of the clinic, by whose clocks the hours are that nobody tells of which. */
  zone: string;
  /** An appointment that is about to move: its own time is not in its way. */
  except?: string | undefined;
}

/** The diaries of these practitioners: hours of these dates and the days around them, and what is taken in between. */
export async function loadDiaries(client: Queryable, tenantId: string, query: DiaryQuery): Promise<Diary[]> {
  const { practitionerIds: ids, within, now, zone, except = null } = query;
  if (ids.length === 0) return [];
  const { rows } = await client.query<DiaryRow>(diariesSql, [
    tenantId,
    ids,
    addDays(query.from, -1),
    addDays(query.to, 1),
    new Date(within.from),
    new Date(within.to),
    new Date(now),
    except,
    zone,
  ]);
  const diaries = new Map(
    ids.map((id): [string, Diary] => [id, { practitionerId: id, weekly: [], exceptions: [], taken: [] }]),
  );
  for (const { weekly, exceptions, taken } of rows) {
    for (const { practitionerId, ...hours } of weekly) diaries.get(practitionerId)?.weekly.push(hours);
    for (const { practitionerId, ...exception } of exceptions) {
      const whose = practitionerId === null ? [...diaries.values()] : [diaries.get(practitionerId)];
      for (const diary of whose) diary?.exceptions.push(exception);
    }
    for (const { practitionerId, ...span } of taken) diaries.get(practitionerId)?.taken.push(span);
  }
  return [...diaries.values()];
}

interface DiaryRow {
  weekly: (WeeklyHours & { practitionerId: string })[];
  /** A holiday is everybody's. */
  exceptions: (HoursException & { practitionerId: string | null })[];
  taken: (Span & { practitionerId: string })[];
}

/** Minutes after midnight. */
const minutes = (column: string) => `(extract(epoch FROM ${column}) / 60)::int`;
const epochMs = (instant: string) => `(extract(epoch FROM ${instant}) * 1000)::float8`;
const list = (rows: string) => `(SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') FROM (${rows}) r)`;

/** The clinic's only place; null in a clinic of several. */
export const onlyPlace = `(SELECT CASE count(*) WHEN 1 THEN min(o.id::text)::uuid END FROM locations o WHERE o.tenant_id = $1 AND o.active AND NOT o.placeholder)`;
/** Where hours or a visit are: where nobody says it, at the clinic's only place; in a clinic of several, nobody knows. */
export const placeOf = (hours: string) =>
  `LEFT JOIN locations l ON l.tenant_id = $1 AND l.id = coalesce(${hours}.location_id, ${onlyPlace})`;
/** Whose clocks the hours are told by. */
const zoneOf = (hours: string) => `coalesce(${hours}.time_zone, l.time_zone, $9)`;

/** Kinds that hours are for, with all of the same names: the clinic's system may name one by its id here and by its name alone there. */
const kindsOf = (hours: string) =>
  `CASE WHEN ${hours}.appointment_type_ids IS NOT NULL THEN ARRAY (SELECT unnest(${hours}.appointment_type_ids) AS id
    UNION SELECT unnest(n.ids) FROM namesakes n WHERE n.id = ANY (${hours}.appointment_type_ids) ORDER BY 1) END`;

const weeklySql = `
SELECT s.practitioner_id AS "practitionerId", s.weekday, ${minutes('s.starts')} AS starts, ${minutes('s.ends')} AS ends,
  nullif(s.valid_from, '-infinity') AS "validFrom", nullif(s.valid_to, 'infinity') AS "validTo",
  l.id AS "locationId", ${zoneOf('s')} AS zone, s.slot_minutes AS "slotMinutes", ${kindsOf('s')} AS "typeIds"
FROM practitioner_schedules s ${placeOf('s')}
WHERE (s.location_id IS NULL OR l.active) AND s.tenant_id = $1 AND s.practitioner_id = ANY ($2::uuid[]) AND s.valid_from <= $4::date AND s.valid_to >= $3::date
ORDER BY s.practitioner_id, s.weekday, s.starts, s.id`;

// Hours instead of the weekly ones are so at a place that is no more, too: nothing of that date is worked. What a schedule has
// open besides is for what all of its weekly rules are for.
const exceptionsSql = `
SELECT e.practitioner_id AS "practitionerId", CASE WHEN e.instead THEN 'instead' ELSE e.kind END AS kind, e.local_date AS date,
  ${minutes('e.starts')} AS starts,
  CASE WHEN e.instead AND NOT l.active THEN ${minutes('e.starts')} ELSE ${minutes('e.ends')} END AS ends,
  CASE e.kind WHEN 'open' THEN l.id ELSE e.location_id END AS "locationId",
  CASE WHEN e.kind = 'closed' AND e.location_id IS NULL THEN e.time_zone ELSE ${zoneOf('e')} END AS zone,
  terms."slotMinutes", terms."typeIds"
FROM schedule_exceptions e ${placeOf('e')}
LEFT JOIN LATERAL (SELECT min(s.slots) AS "slotMinutes", min(s.kinds) AS "typeIds"
  FROM (SELECT r.slot_minutes AS slots, ${kindsOf('r')} AS kinds FROM practitioner_schedules r
    WHERE e.kind = 'open' AND r.tenant_id = $1 AND r.schedule_id = e.schedule_id) s
  HAVING count(DISTINCT (s.slots, s.kinds)) = 1) terms ON true
WHERE e.tenant_id = $1 AND e.practitioner_id = ANY ($2::uuid[]) AND e.local_date BETWEEN $3::date AND $4::date
  AND (e.kind = 'closed' OR e.instead OR e.location_id IS NULL OR l.active)
UNION ALL
SELECT NULL, 'closed', local_date, ${minutes('starts')}, ${minutes('ends')}, location_id, NULL, NULL, NULL FROM clinic_holidays
WHERE tenant_id = $1 AND local_date BETWEEN $3::date AND $4::date`;

// What the clinic's system told keeps the time too, though it overlaps something: somebody comes. Buffers reach beyond the
// visit, which lasts two days at most.
const takenSql = `
SELECT a.practitioner_id AS "practitionerId", ${epochMs('lower(a.during)')} AS "from", ${epochMs('upper(a.during)')} AS "to"
FROM appointments a
WHERE a.tenant_id = $1 AND a.practitioner_id = ANY ($2::uuid[])
  AND a.starts_at > $5::timestamptz - interval '2 days' AND a.starts_at < $6::timestamptz + interval '1 day'
  AND upper(a.during) > $5 AND lower(a.during) < $6
  AND a.status IN ('held', 'scheduled', 'confirmed', 'checked_in') AND NOT a.entered_in_error
  AND (a.status <> 'held' OR a.hold_expires_at > $7) AND a.id IS DISTINCT FROM $8::uuid`;

// Asked at once: under the tenant's lock each way there and back counts.
const diariesSql = `
WITH namesakes AS MATERIALIZED (SELECT id, array_agg(id) OVER (PARTITION BY ${plainNameOf('name')}) AS ids
  FROM appointment_types WHERE tenant_id = $1)
SELECT ${list(weeklySql)} AS weekly, ${list(exceptionsSql)} AS exceptions, ${list(takenSql)} AS taken`;
