import { heldOf } from '@switchboard/domain/records/record-state';
import type { Row } from '@switchboard/postgres/rows';
import type { ChangedRecord } from './changed-record.ts';
import { changedColumns } from './overlay.ts';

const changeOf: Readonly<Record<string, string>> = {
  scheduled: 'booked',
  confirmed: 'confirmed',
  checked_in: 'checked_in',
  completed: 'completed',
  cancelled: 'cancelled',
  no_show: 'no_show',
};

/** What an appointment was after a change: one of its own, or of what it overlaps. */
export function historyOf(tenantId: string, record: ChangedRecord, before: Row | undefined, row: Row): Row {
  const differs = (name: string) =>
    changedColumns({ value: before?.[name] }, { value: row[name] }).length > 0;
  const own = record.id === row.id;
  const isMoved = before !== undefined && (differs('starts_at') || differs('practitioner_id'));
  const isNamed =
    own && (before === undefined || (differs('status') && !(isMoved && row.status === 'scheduled')));
  const change = isNamed
    ? (changeOf[String(row.status)] ?? 'corrected')
    : own && isMoved
      ? 'moved'
      : 'corrected';
  const held = heldOf(record.after.fields, isNamed ? 'status' : 'start');
  const { event } = record.cause;
  return {
    tenant_id: tenantId,
    appointment_id: row.id,
    version: row.version,
    change,
    occurred_at: new Date(held?.time ?? event.occurred_at ?? event.received_at).toISOString(),
    actor_kind: own ? 'clinic_system' : 'system',
    actor_id: null,
    event_id: held && own ? held.id : event.event_id,
    status: row.status,
    starts_at: row.starts_at,
    ends_at: row.ends_at,
    practitioner_id: row.practitioner_id ?? null,
    location_id: row.location_id ?? null,
  };
}
