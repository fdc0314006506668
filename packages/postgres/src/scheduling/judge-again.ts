import type { Client } from '../pool.ts';
import { insertAppointmentHistory } from '../records/appointments.ts';
import {
  type ChangeContext,
  type ChangedRow,
  changedColumns,
  historyRow,
  type StoredVisit,
  stateChange,
} from './change-context.ts';
import { trySlot } from './try-slot.ts';

/**
 * What the clinic's system told and was a conflict with a time that is free now is one no more, unless it overlaps
 * another: who was booked first is asked first.
 */
export async function clearConflictsAround(
  client: Client,
  context: Omit<ChangeContext, 'actor'>,
  {
    id,
    practitionerId,
    startsAt,
    endsAt,
  }: Pick<StoredVisit, 'id' | 'practitionerId' | 'startsAt' | 'endsAt'>,
): Promise<void> {
  const { tenant } = context;
  // A visit lasts a day at most, as does each buffer, of the one and of the other.
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM appointments WHERE tenant_id = $1 AND practitioner_id = $2 AND conflict AND id <> $5
       AND status IN ('scheduled', 'confirmed', 'checked_in') AND NOT entered_in_error
       AND starts_at < $4::timestamptz + interval '2 days' AND starts_at > $3::timestamptz - interval '3 days'
     ORDER BY booked_at NULLS LAST, id`,
    [tenant.tenantId, practitionerId, startsAt, endsAt, id],
  );
  const cleared: ChangedRow[] = [];
  for (const conflict of rows) {
    const done = await trySlot(client, () =>
      client.query<ChangedRow>(
        `UPDATE appointments SET conflict = false, version = version + 1 WHERE tenant_id = $1 AND id = $2 RETURNING ${changedColumns}`,
        [tenant.tenantId, conflict.id],
      ),
    );
    if (done !== 'SLOT_TAKEN') cleared.push(...done.rows);
  }
  if (cleared.length === 0) return;
  const system = { kind: 'system', id: null };
  await insertAppointmentHistory(
    client,
    cleared.map((row) => historyRow(context, row, 'corrected', system)),
  );
  await stateChange(client, context, { appointments: cleared.map((row) => row.id) });
}
