import { uuidV7 } from '@switchboard/domain/ids';
import type { LocalDate } from '@switchboard/domain/periods/local-date';
import type { Queryable } from '../pool.ts';
import { createInsert } from '../rows.ts';

export interface LocationRow {
  id: string;
  name: string;
  time_zone: string;
  /** Most visits there at one time; null: as many as there are practitioners. */
  rooms: number | null;
  external_id: string | null;
  active: boolean;
}

/** When nobody works on a date, in wall time of each location's zone, as HH:MM. */
export interface Closure {
  name: string | null;
  /** Null: all locations. */
  location_id: string | null;
  starts: string;
  ends: string;
}

/** The clinic's locations by name. */
export async function listLocations(db: Queryable, tenantId: string): Promise<LocationRow[]> {
  const { rows } = await db.query<LocationRow>(
    `SELECT id, name, time_zone, rooms, external_id, active FROM locations WHERE tenant_id = $1 ORDER BY lower(name), id`,
    [tenantId],
  );
  return rows;
}

/** Limits how many visits are at a location at one time */
export async function setRooms(
  db: Queryable,
  tenantId: string,
  locationId: string,
  rooms: number | null,
): Promise<void> {
  await db.query('UPDATE locations SET rooms = $3 WHERE tenant_id = $1 AND id = $2', [
    tenantId,
    locationId,
    rooms,
  ]);
}

/** The dates on which the clinic or a location is closed, of these. */
export async function listClosures(
  db: Queryable,
  tenantId: string,
  from: LocalDate,
  to: LocalDate,
): Promise<(Closure & { date: LocalDate })[]> {
  const { rows } = await db.query<Closure & { date: LocalDate }>(
    `SELECT local_date AS date, name, location_id, left(starts::text, 5) AS starts, left(ends::text, 5) AS ends
     FROM clinic_holidays h WHERE tenant_id = $1 AND local_date BETWEEN $2 AND $3 ORDER BY local_date, h.starts, id`,
    [tenantId, from, to],
  );
  return rows;
}

const insertClosures = createInsert('clinic_holidays', [
  ...['tenant_id', 'id', 'local_date', 'name', 'location_id', 'starts', 'ends'],
]);

/** Replaces when nobody works on a date; none: the hours are as on others. @returns whether there was any before */
export async function replaceClosures(
  db: Queryable,
  tenantId: string,
  date: LocalDate,
  closures: readonly Closure[],
  now: number,
): Promise<boolean> {
  const { rowCount } = await db.query(
    'DELETE FROM clinic_holidays WHERE tenant_id = $1 AND local_date = $2',
    [tenantId, date],
  );
  await insertClosures(
    db,
    closures.map((closure) => ({ tenant_id: tenantId, id: uuidV7(now), local_date: date, ...closure })),
  );
  return (rowCount ?? 0) > 0;
}
