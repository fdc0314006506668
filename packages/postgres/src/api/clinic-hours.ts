import { uuidV7 } from '@switchboard/domain/ids';
import type { LocalDate } from '@switchboard/domain/periods/local-date';
import type { Queryable } from '../pool.ts';
import { createInsert } from '../rows.ts';

/** Weekly hours, in wall time of the location's zone, as HH:MM; `ends` not after `starts`: on the day after. */
export interface WeeklyRule {
  location_id: string;
  /** 1 Monday … 7 Sunday. */
  weekday: number;
  starts: string;
  ends: string;
  /** First and last date on which they begin; null: open. */
  valid_from: LocalDate | null;
  valid_to: LocalDate | null;
}

/** What differs on a date; closed without a location: at all of them. */
export interface DateException {
  date: LocalDate;
  kind: 'closed' | 'open' | 'instead';
  location_id: string | null;
  starts: string;
  ends: string;
}

/** Whether the clinic's system told it: then that system alone changes it. */
interface Told {
  told: boolean;
}

/** Without a location: the clinic's system told no place. */
interface WeeklyRuleRow extends Omit<WeeklyRule, 'location_id'>, Told {
  practitioner_id: string;
  location_id: string | null;
  /** IANA zone of told hours; null: the location's, or else the clinic's. */
  time_zone: string | null;
  /** How long each slot of told hours is; null: as long as the visit. */
  slot_minutes: number | null;
  /** Kinds of visits that told hours are for alone; null: all. */
  appointment_type_ids: string[] | null;
}

export interface PractitionerRow {
  id: string;
  display_name: string;
  external_id: string | null;
  active: boolean;
}

const time = (column: string) => `left(${column}::text, 5) AS ${column}`;
const told = 'schedule_id IS NOT NULL AS told';

/** The clinic's practitioners by name. */
export async function listPractitioners(db: Queryable, tenantId: string): Promise<PractitionerRow[]> {
  const { rows } = await db.query<PractitionerRow>(
    `SELECT id, display_name, external_id, active FROM practitioners WHERE tenant_id = $1 ORDER BY lower(display_name), id`,
    [tenantId],
  );
  return rows;
}

/** Weekly hours of a practitioner, or of all, by weekday and time. */
export async function listWeeklyRules(
  db: Queryable,
  tenantId: string,
  practitionerId: string | null = null,
): Promise<WeeklyRuleRow[]> {
  const { rows } = await db.query<WeeklyRuleRow>(
    `SELECT practitioner_id, location_id, weekday, ${time('starts')}, ${time('ends')}, nullif(valid_from, '-infinity') AS valid_from,
       nullif(valid_to, 'infinity') AS valid_to, time_zone, slot_minutes, appointment_type_ids, ${told}
     FROM practitioner_schedules s WHERE tenant_id = $1 AND ($2::uuid IS NULL OR practitioner_id = $2)
     ORDER BY practitioner_id, weekday, s.starts, id`,
    [tenantId, practitionerId],
  );
  return rows;
}

const insertRules = createInsert('practitioner_schedules', [
  ...['tenant_id', 'id', 'practitioner_id', 'location_id', 'weekday', 'starts', 'ends'],
  ...['valid_from', 'valid_to'],
]);

/** Replaces the weekly hours that were put in here; what the clinic's system told stays. */
export async function replaceWeeklyRules(
  db: Queryable,
  tenantId: string,
  practitionerId: string,
  rules: readonly WeeklyRule[],
  now: number,
): Promise<void> {
  await db.query(
    'DELETE FROM practitioner_schedules WHERE tenant_id = $1 AND practitioner_id = $2 AND schedule_id IS NULL',
    [tenantId, practitionerId],
  );
  await insertRules(
    db,
    rules.map((rule) => ({
      ...{ tenant_id: tenantId, id: uuidV7(now), practitioner_id: practitionerId },
      ...rule,
      valid_from: rule.valid_from ?? '-infinity',
      valid_to: rule.valid_to ?? 'infinity',
    })),
  );
}

/** What differs for a practitioner on these dates, by date and time. */
export async function listExceptions(
  db: Queryable,
  tenantId: string,
  practitionerId: string,
  from: LocalDate,
  to: LocalDate,
): Promise<(DateException & Told)[]> {
  const { rows } = await db.query<DateException & Told>(
    `SELECT local_date AS date, CASE WHEN instead THEN 'instead' ELSE kind END AS kind, location_id, ${time('starts')},
       ${time('ends')}, ${told}
     FROM schedule_exceptions e WHERE tenant_id = $1 AND practitioner_id = $2 AND local_date BETWEEN $3 AND $4
     ORDER BY local_date, e.starts, id`,
    [tenantId, practitionerId, from, to],
  );
  return rows;
}

const insertExceptions = createInsert('schedule_exceptions', [
  ...['tenant_id', 'id', 'practitioner_id', 'location_id', 'kind', 'local_date', 'starts', 'ends', 'instead'],
]);

/** Replaces what was put in here for these dates of a practitioner; what the clinic's system told of them stays. */
export async function replaceExceptions(
  db: Queryable,
  tenantId: string,
  practitionerId: string,
  { from, to, exceptions }: { from: LocalDate; to: LocalDate; exceptions: readonly DateException[] },
  now: number,
): Promise<void> {
  await db.query(
    `DELETE FROM schedule_exceptions WHERE tenant_id = $1 AND practitioner_id = $2 AND local_date BETWEEN $3 AND $4
       AND schedule_id IS NULL`,
    [tenantId, practitionerId, from, to],
  );
  await insertExceptions(
    db,
    exceptions.map(({ date, kind, ...rest }) => ({
      ...{ tenant_id: tenantId, id: uuidV7(now), practitioner_id: practitionerId, local_date: date },
      kind: kind === 'closed' ? 'closed' : 'open',
      instead: kind === 'instead',
      ...rest,
    })),
  );
}
