import type { Queryable } from '../pool.ts';

/** A call that was stored for the first time. */
export interface NewCall {
  id: string;
  /** The vendor's id. */
  externalId: string;
  conversationId: string;
}

/**
 * Gives what tools booked in calls whose rows were not there yet to those calls. A tool that books later finds the row,
 * since both hold the tenant's lock: so new calls alone are asked about. What is the call's patient's is whose the call is,
 * merged or not.
 * @returns ids of the appointments
 */
export async function linkToolBookings(
  client: Queryable,
  tenantId: string,
  calls: readonly NewCall[],
): Promise<string[]> {
  if (calls.length === 0) return [];
  const { rows } = await client.query<{ id: string }>(
    `UPDATE appointments a SET call_id = c.id, conversation_id = coalesce(a.conversation_id, c.conversation_id),
       original_patient_id = CASE WHEN a.original_patient_id = v.patient_id AND a.patient_id = v.patient_id
         THEN coalesce(v.original_patient_id, v.patient_id) ELSE a.original_patient_id END
     FROM jsonb_to_recordset($2::jsonb) AS c (id uuid, external_id text, conversation_id uuid)
     JOIN voice_tool_uses u ON u.tenant_id = $1 AND u.call_ref = c.external_id AND u.appointment_id IS NOT NULL
       AND u.tool = 'book-appointment'
     JOIN voice_calls v ON v.tenant_id = $1 AND v.id = c.id
     WHERE a.tenant_id = $1 AND a.id = u.appointment_id AND a.call_id IS NULL RETURNING a.id`,
    [
      tenantId,
      JSON.stringify(
        calls.map(({ id, externalId, conversationId }) => ({
          id,
          external_id: externalId,
          conversation_id: conversationId,
        })),
      ),
    ],
  );
  return rows.map(({ id }) => id);
}
