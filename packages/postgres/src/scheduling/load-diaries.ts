import { addDays, type LocalDate } from '@switchboard/domain/periods/local-date';
import type { Span } from '@switchboard/domain/scheduling/spans';
import type { HoursException, WeeklyHours } from '@switchboard/domain/scheduling/working-hours';
import type { Queryable } from '../pool.ts';

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
  /** Holds that are over by then keep no time. Unix ms. */
  now: number;
  /** An appointment that is about to move: its own time is not in its way. */
  except?: string | undefined;
}

/** The diaries of these practitioners on these dates and the day around them; of nobody else's working time. */
export async function loadDiaries(client: Queryable, tenantId: string, query: DiaryQuery): Promise<Diary[]> {
  const { practitionerIds: ids, now, except = null } = query;
  if (ids.length === 0) return [];
  const [from, to] = [addDays(query.from, -1), addDays(query.to, 1)];
  const diaries = new Map(
    ids.map((id): [string, Diary] => [id, { practitionerId: id, weekly: [], exceptions: [], taken: [] }]),
  );
  const weekly = await client.query<WeeklyHours & { practitionerId: string }>(weeklySql, [
    tenantId,
    ids,
    from,
    to,
  ]);
  for (const { practitionerId, ...hours } of weekly.rows) diaries.get(practitionerId)?.weekly.push(hours);
  const exceptions = await client.query<HoursException & { practitionerId: string | null }>(exceptionsSql, [
    tenantId,
    ids,
    from,
    to,
  ]);
  for (const { practitionerId, ...exception } of exceptions.rows) {
    const whose = practitionerId === null ? [...diaries.values()] : [diaries.get(practitionerId)];
    for (const diary of whose) diary?.exceptions.push(exception);
  }
  const taken = await client.query<{ practitionerId: string; from: number; to: number }>(takenSql, [
    tenantId,
    ids,
    addDays(from, -1),
    addDays(to, 2),
    new Date(now),
    except,
  ]);
  for (const { practitionerId, ...span } of taken.rows) diaries.get(practitionerId)?.taken.push(span);
  return [...diaries.values()];
}

/** Minutes after midnight. */
const minutes = (column: string) => `(extract(epoch FROM ${column}) / 60)::int`;
const epochMs = (instant: string) => `(extract(epoch FROM ${instant}) * 1000)::float8`;

const weeklySql = `
SELECT s.practitioner_id AS "practitionerId", s.weekday, ${minutes('s.starts')} AS starts, ${minutes('s.ends')} AS ends,
  nullif(s.valid_from, '-infinity') AS "validFrom", nullif(s.valid_to, 'infinity') AS "validTo",
  s.location_id AS "locationId", l.time_zone AS zone
FROM practitioner_schedules s JOIN locations l ON l.tenant_id = $1 AND l.id = s.location_id AND l.active
WHERE s.tenant_id = $1 AND s.practitioner_id = ANY ($2::uuid[]) AND s.valid_from <= $4::date AND s.valid_to >= $3::date
ORDER BY s.practitioner_id, s.weekday, s.starts, s.id`;

const exceptionsSql = `
SELECT practitioner_id AS "practitionerId", kind, local_date AS date, ${minutes('starts')} AS starts,
  ${minutes('ends')} AS ends, location_id AS "locationId"
FROM schedule_exceptions
WHERE tenant_id = $1 AND practitioner_id = ANY ($2::uuid[]) AND local_date BETWEEN $3::date AND $4::date
UNION ALL
SELECT NULL, 'closed', local_date, 0, 1440, location_id FROM clinic_holidays
WHERE tenant_id = $1 AND local_date BETWEEN $3::date AND $4::date`;

// What the clinic's system told keeps the time too, though it overlaps something: somebody comes.
const takenSql = `
SELECT a.practitioner_id AS "practitionerId", ${epochMs('lower(a.during)')} AS "from", ${epochMs('upper(a.during)')} AS "to"
FROM appointments a
WHERE a.tenant_id = $1 AND a.practitioner_id = ANY ($2::uuid[]) AND a.starts_at >= $3::date AND a.starts_at < $4::date
  AND a.status IN ('held', 'scheduled', 'confirmed', 'checked_in') AND NOT a.entered_in_error
  AND (a.status <> 'held' OR a.hold_expires_at > $5) AND a.id IS DISTINCT FROM $6::uuid`;
