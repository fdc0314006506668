import { uuidV7 } from '@switchboard/domain/ids';
import { stateTouched, type Touched } from '../facts/state-touched.ts';
import { type Client, together } from '../pool.ts';
import { insertAppointmentHistory } from '../records/appointments.ts';
import type { TenantSettings } from '../tenants.ts';
import type { AppointmentEventType } from '../webhooks/event-types.ts';
import { tellAppointments } from '../webhooks/tell-appointments.ts';

/** Who changes an appointment, and for whom. */
export interface ChangeContext {
  tenant: TenantSettings;
  /** Keyed HMAC of callers' numbers. */
  pseudonymKey: Buffer;
  actor: { kind: 'user' | 'api_key' | 'voice_agent'; id: string | null };
  /** Unix ms. */
  now: number;
  /** Takes what is to be stated, where whoever makes several changes states all of them at once after the last. */
  collected?: Touched[];
}

/** An appointment that is to be changed; its row is locked. */
export interface StoredVisit {
  id: string;
  status: string;
  version: number;
  patientId: string | null;
  practitionerId: string | null;
  typeId: string | null;
  /** Of which nobody told where it is: the clinic's only place. */
  locationId: string | null;
  startsAt: Date;
  endsAt: Date;
}

export type AppointmentChange =
  | 'held'
  | 'booked'
  | 'confirmed'
  | 'moved'
  | 'checked_in'
  | 'completed'
  | 'cancelled'
  | 'no_show'
  | 'corrected';

const told: Readonly<Record<Exclude<AppointmentChange, 'held' | 'corrected'>, AppointmentEventType>> = {
  booked: 'appointment.booked',
  confirmed: 'appointment.confirmed',
  moved: 'appointment.rescheduled',
  checked_in: 'appointment.checked_in',
  completed: 'appointment.completed',
  cancelled: 'appointment.cancelled',
  no_show: 'appointment.no_show',
};

/** An appointment as a change leaves it. */
export interface ChangedRow {
  id: string;
  version: number;
  status: string;
  starts_at: Date;
  ends_at: Date;
  practitioner_id: string | null;
  location_id: string | null;
}

/** Columns of {@link ChangedRow}. */
export const changedColumns = 'id, version, status, starts_at, ends_at, practitioner_id, location_id';

/** Writes the history of a change, and, unless it is only held, what the clinic's endpoints are told and the facts it changes. */
export async function recordChange(
  client: Client,
  context: ChangeContext,
  row: ChangedRow,
  change: AppointmentChange,
  touched: Touched = {},
): Promise<void> {
  const { tenant, actor, now } = context;
  const at = new Date(now);
  const kept = insertAppointmentHistory(client, [historyRow(context, row, change, actor)]);
  if (change === 'held' || row.status === 'held') return kept;
  await together(
    kept,
    tellAppointments(client, tenant.tenantId, [
      { appointmentId: row.id, type: toldOf(change, row.status), at, by: actor.kind },
    ]),
    stateChange(client, context, { ...touched, appointments: [row.id] }),
  );
}

/** What the clinic's system is told; of a state that was taken back, the one that it has again. */
function toldOf(change: Exclude<AppointmentChange, 'held'>, status: string): AppointmentEventType {
  if (change === 'corrected') return status === 'confirmed' ? told.confirmed : told.booked;
  return told[change];
}

/** States what a change touched, at once or with what else is collected. */
export async function stateChange(
  client: Client,
  context: Omit<ChangeContext, 'actor'>,
  touched: Touched,
): Promise<void> {
  const { tenant, pseudonymKey, now, collected } = context;
  if (collected) {
    collected.push(touched);
    return;
  }
  const cause = { eventId: uuidV7(now), traceparent: null };
  await stateTouched(client, { tenant, pseudonymKey, cause }, touched);
}

/** What an appointment was after a change. */
export function historyRow(
  { tenant, now }: Pick<ChangeContext, 'tenant' | 'now'>,
  row: ChangedRow,
  change: AppointmentChange,
  actor: { kind: string; id: string | null },
) {
  return {
    tenant_id: tenant.tenantId,
    appointment_id: row.id,
    version: row.version,
    change,
    occurred_at: new Date(now),
    actor_kind: actor.kind,
    actor_id: actor.id,
    event_id: null,
    status: row.status,
    starts_at: row.starts_at,
    ends_at: row.ends_at,
    practitioner_id: row.practitioner_id,
    location_id: row.location_id,
  };
}
