import type { Client } from '../pool.ts';
import { deleteHolds } from '../records/appointments.ts';
import {
  type AppointmentChange,
  type ChangeContext,
  type ChangedRow,
  changedColumns,
  recordChange,
  type StoredVisit,
} from './change-context.ts';
import type { FreeSlot } from './find-slots.ts';
import { clearConflictsAround } from './judge-again.ts';
import { onlyPlace } from './load-diaries.ts';
import { removeOldHolds } from './old-holds.ts';
import { hasNoRoom } from './room.ts';
import { trySlot } from './try-slot.ts';
import type { VisitType } from './visit-types.ts';

/** Why a change is not made. */
export type ChangeFault = 'SLOT_TAKEN' | 'WRONG_STATE' | 'TOO_EARLY';

export type StateChange =
  | { to: 'confirmed' | 'checked_in' | 'completed' | 'no_show' | 'scheduled' }
  | { to: 'cancelled'; by: 'patient' | 'clinic'; reason: string | null };

/** How late a patient may be before the visit counts as missed, ms. */
const graceMs = 15 * 60_000;

const from: Readonly<Record<StateChange['to'], readonly string[]>> = {
  confirmed: ['scheduled'],
  checked_in: ['scheduled', 'confirmed', 'no_show'],
  completed: ['scheduled', 'confirmed', 'checked_in', 'no_show'],
  cancelled: ['held', 'scheduled', 'confirmed'],
  no_show: ['scheduled', 'confirmed'],
  scheduled: ['no_show'],
};

const changes: Readonly<Record<StateChange['to'], AppointmentChange>> = {
  confirmed: 'confirmed',
  checked_in: 'checked_in',
  completed: 'completed',
  cancelled: 'cancelled',
  no_show: 'no_show',
  scheduled: 'corrected',
};

/** An appointment by id or confirmation code, its row locked; what was entered in error is none. */
export async function loadVisit(
  client: Client,
  tenantId: string,
  by: { id: string } | { code: string },
): Promise<StoredVisit | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['confirmation_code', by.code];
  const { rows } = await client.query<StoredVisit>(
    `SELECT id, status, version, patient_id AS "patientId", practitioner_id AS "practitionerId",
       appointment_type_id AS "typeId", coalesce(location_id, ${onlyPlace}) AS "locationId", starts_at AS "startsAt", ends_at AS "endsAt"
     FROM appointments WHERE tenant_id = $1 AND ${column} = $2 AND NOT entered_in_error AND NOT placeholder FOR UPDATE`,
    [tenantId, value],
  );
  return rows[0];
}

/**
 * Changes an appointment's state. A visit is missed only when it began a quarter of an hour ago, and that can be taken back
 * (`scheduled`), unless its time or its room was given away. A hold that is let go is gone, as one that is over. The caller holds the
 * tenant's lock.
 * @returns the new version
 */
export async function changeState(
  client: Client,
  context: ChangeContext,
  visit: StoredVisit,
  change: StateChange,
): Promise<number | ChangeFault> {
  const { tenant, now } = context;
  if (!from[change.to].includes(visit.status)) return 'WRONG_STATE';
  if (change.to === 'no_show' && now < visit.startsAt.getTime() + graceMs) return 'TOO_EARLY';
  const cancel = change.to === 'cancelled' ? change : undefined;
  if (cancel && visit.status === 'held') return letGo(client, context, visit);
  const takesTime = visit.status === 'no_show' && change.to !== 'completed';
  const time = { from: visit.startsAt.getTime(), to: visit.endsAt.getTime() };
  if (takesTime && (await hasNoRoom(client, tenant.tenantId, visit.locationId, time, now, visit.id)))
    return 'SLOT_TAKEN';
  const written = await trySlot(client, () =>
    client.query<ChangedRow>(stateSql, [
      tenant.tenantId,
      visit.id,
      change.to,
      new Date(now),
      cancel?.by ?? null,
      cancel?.reason ?? null,
    ]),
  );
  if (written === 'SLOT_TAKEN') return written;
  return finish(client, context, visit, written.rows[0], changes[change.to]);
}

async function letGo(client: Client, context: ChangeContext, hold: StoredVisit): Promise<number> {
  await deleteHolds(client, context.tenant.tenantId, [hold.id]);
  await clearConflictsAround(client, context, hold);
  return hold.version + 1;
}

/**
 * Moves an appointment in one step: it has the new time, or keeps the old one. To where it is already is no move. The caller
 * holds the tenant's lock.
 * @returns its version
 */
export async function moveAppointment(
  client: Client,
  context: ChangeContext,
  visit: StoredVisit,
  slot: FreeSlot,
  { bufferBefore, bufferAfter }: Pick<VisitType, 'bufferBefore' | 'bufferAfter'>,
): Promise<number | ChangeFault> {
  if (!['held', 'scheduled', 'confirmed', 'no_show'].includes(visit.status)) return 'WRONG_STATE';
  const { tenant, now } = context;
  if (visit.status !== 'no_show' && isThere(visit, slot)) return visit.version;
  await removeOldHolds(client, context, new Date(now), visit.id);
  const written = await trySlot(client, () =>
    client.query<ChangedRow>(moveSql, [
      tenant.tenantId,
      visit.id,
      slot.practitionerId,
      slot.locationId,
      new Date(slot.from),
      new Date(slot.to),
      bufferBefore,
      bufferAfter,
      new Date(now),
    ]),
  );
  if (written === 'SLOT_TAKEN') return written;
  return finish(client, context, visit, written.rows[0], 'moved');
}

function isThere({ practitionerId, locationId, startsAt, endsAt }: StoredVisit, slot: FreeSlot): boolean {
  return (
    practitionerId === slot.practitionerId &&
    locationId === slot.locationId &&
    +startsAt === slot.from &&
    +endsAt === slot.to
  );
}

async function finish(
  client: Client,
  context: ChangeContext,
  before: StoredVisit,
  row: ChangedRow | undefined,
  change: AppointmentChange,
): Promise<number> {
  if (!row) throw new Error('a locked row is there');
  await recordChange(client, context, row, change);
  if (change === 'cancelled' || change === 'moved' || change === 'no_show' || change === 'completed')
    await clearConflictsAround(client, context, before);
  return row.version;
}

// A time that was given up is nobody's any more; a state that is taken back loses when it was reached.
const stateSql = `
UPDATE appointments SET status = CASE WHEN $3 = 'scheduled' AND confirmed_at IS NOT NULL THEN 'confirmed' ELSE $3 END,
  hold_expires_at = NULL, version = version + 1,
  confirmed_at = CASE WHEN $3 = 'confirmed' THEN $4 ELSE confirmed_at END,
  checked_in_at = CASE WHEN $3 = 'checked_in' THEN $4 ELSE checked_in_at END,
  completed_at = CASE WHEN $3 = 'completed' THEN $4 ELSE completed_at END,
  cancelled_at = CASE WHEN $3 = 'cancelled' THEN $4 ELSE cancelled_at END,
  cancelled_by = coalesce($5, cancelled_by), cancel_reason = coalesce($6, cancel_reason)
WHERE tenant_id = $1 AND id = $2 RETURNING ${changedColumns}`;

// Who agreed to one time has not agreed to another.
const moveSql = `
UPDATE appointments SET practitioner_id = $3, location_id = $4, starts_at = $5, ends_at = $6, buffer_before_minutes = $7,
  buffer_after_minutes = $8, conflict = false, moves = moves + 1, moved_at = $9, version = version + 1,
  status = CASE status WHEN 'held' THEN 'held' ELSE 'scheduled' END, confirmed_at = NULL
WHERE tenant_id = $1 AND id = $2 RETURNING ${changedColumns}`;
