import { uuidV7 } from '@switchboard/domain/ids';
import { SwitchboardError } from '@switchboard/platform';
import { stateTouched } from '../facts/state-touched.ts';
import type { Client } from '../pool.ts';
import type { TenantSettings } from '../tenants.ts';

export interface MergeOptions {
  tenant: TenantSettings;
  pseudonymKey: Buffer;
  survivorId: string;
  absorbedId: string;
  /** The user who says that both are one person, or the event of the clinic's system. */
  by: { userId: string } | { eventId: string; traceparent?: string | null };
  /** Unix ms. */
  now: number;
}

/** Makes one patient of two: records of the absorbed one are the survivor's, and remember whose they were. */
export async function mergePatients(
  client: Client,
  { tenant, pseudonymKey, survivorId, absorbedId, by, now }: MergeOptions,
): Promise<{ changed: boolean; patientId: string }> {
  const { tenantId } = tenant;
  const { rows } = await client.query<{ id: string; merged_into: string | null }>(
    'SELECT id, merged_into FROM patients WHERE tenant_id = $1 AND id IN ($2, $3)',
    [tenantId, survivorId, absorbedId],
  );
  const intoOf = (id: string) => rows.find((row) => row.id === id)?.merged_into ?? undefined;
  const root = intoOf(survivorId) ?? survivorId;
  if (intoOf(absorbedId) === root || root === absorbedId) return { changed: false, patientId: root };
  if (intoOf(absorbedId) !== undefined)
    throw new SwitchboardError('patient_already_merged', 'the patient was merged into another one before');
  await client.query(
    'INSERT INTO patient_merges (tenant_id, id, survivor_id, absorbed_id, event_id) VALUES ($1, $2, $3, $4, $5)',
    [tenantId, uuidV7(now), survivorId, absorbedId, 'eventId' in by ? by.eventId : null],
  );
  await client.query(
    `UPDATE patients SET status = 'merged', merged_into = $3 WHERE tenant_id = $1 AND (id = $2 OR merged_into = $2)`,
    [tenantId, absorbedId, root],
  );
  for (const table of ['voice_calls', 'conversations', 'appointments', 'journeys', 'booking_requests'])
    await client.query(
      `UPDATE ${table} SET original_patient_id = coalesce(original_patient_id, patient_id), patient_id = $3 WHERE tenant_id = $1 AND patient_id = $2`,
      [tenantId, absorbedId, root],
    );
  const cause = { eventId: 'eventId' in by ? by.eventId : uuidV7(now), traceparent: null };
  await stateTouched(client, { tenant, pseudonymKey, cause }, { patients: [root, absorbedId] });
  return { changed: true, patientId: root };
}
