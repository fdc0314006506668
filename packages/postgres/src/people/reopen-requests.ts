import type { Touched } from '../facts/state-touched.ts';
import type { Queryable } from '../pool.ts';

/**
 * Opens what calls asked for again that a visit of another's is now taken for, since the merge is undone by which both were
 * one patient's: the visit is not the call's any more. What a person took or closed stays theirs, and what was booked in
 * the call stays its own.
 * @param members patients whose merges changed, whose records have changed hands
 * @returns the calls and the visits
 */
export async function reopenRequests(
  client: Queryable,
  tenantId: string,
  members: readonly string[],
): Promise<Required<Pick<Touched, 'calls' | 'appointments'>>> {
  const { rows } = await client.query<{ call_id: string; appointment_id: string }>(reopenSql, [
    tenantId,
    members,
  ]);
  return {
    calls: rows.map((row) => row.call_id),
    appointments: rows.map((row) => row.appointment_id),
  };
}

const reopenSql = `
WITH parted AS (
  SELECT b.id, b.call_id, b.appointment_id, c.conversation_id
  FROM voice_calls c JOIN booking_requests b ON b.tenant_id = $1 AND b.call_id = c.id
  JOIN appointments a ON a.tenant_id = $1 AND a.id = b.appointment_id
  WHERE c.tenant_id = $1 AND c.patient_id = ANY ($2::uuid[]) AND b.state = 'fulfilled' AND b.taken_by IS NULL AND b.closed_by IS NULL
    AND a.patient_id = ANY ($2::uuid[]) AND a.patient_id <> c.patient_id
    AND NOT EXISTS (SELECT FROM appointment_history h WHERE h.tenant_id = $1 AND h.appointment_id = a.id AND a.call_id = c.id
      AND h.change = 'booked' AND h.actor_kind = 'voice_agent')
), freed AS (
  UPDATE appointments a SET call_id = NULL, conversation_id = nullif(a.conversation_id, p.conversation_id)
  FROM parted p WHERE a.tenant_id = $1 AND a.id = p.appointment_id AND a.call_id = p.call_id
), opened AS (
  UPDATE booking_requests b SET state = 'open', reason = 'merge_undone', appointment_id = NULL, closed_at = NULL
  FROM parted p WHERE b.tenant_id = $1 AND b.id = p.id
)
SELECT call_id, appointment_id FROM parted`;
