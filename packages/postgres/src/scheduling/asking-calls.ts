import type { SaidEntity } from '@switchboard/domain/scheduling/asked-visit';
import type { Queryable } from '../pool.ts';
import type { AskedRequest } from './asked-calls.ts';

/** What is kept of a call that asked for something: for a person to see to, or done. */
export interface KeptRequest {
  kind: AskedRequest['kind'];
  state: 'open' | 'fulfilled' | 'dismissed';
  /** A person looked after it or closed it: it is theirs. */
  isTheirs: boolean;
  wanted: Record<string, string>;
  appointmentId: string | null;
  /** Whose the appointment is, and with whom. */
  patientId: string | null;
  practitionerId: string | null;
}

/** A finished call that asked for something, and what became of it. */
export interface AskingCall {
  id: string;
  entities: SaidEntity[];
  /** When the call began by the event that told them: what days were counted from; null: not kept. */
  countedFrom: Date | null;
  /**
   * The caller said the birth date that the patient has, by the clinic's word; by that of an earlier call only where the
   * patient is known by calls alone.
   */
  proven: boolean;
  /** Tools of ours that did something in the call, each once. */
  toolsDone: string[];
  /** Those that were used at all, also as the vendor alone tells: what was answered too late left no trace here. */
  toolsUsed: string[];
  requests: KeptRequest[];
}

/** The voice agent's tools by name. */
const toolNames = [
  'patient-lookup',
  'available-slots',
  'book-appointment',
  'reschedule-appointment',
  'cancel-appointment',
];

/**
 * Of these finished calls those that are to be settled, or were: what was booked by them was so by settling or by a tool,
 * and the clinic keeps its practitioners' hours here. Their requests are locked.
 */
export async function loadAskingCalls(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<AskingCall[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<Omit<AskingCall, 'requests'>>(
    `SELECT c.id, e.entities, e.counted_from AS "countedFrom", coalesce(p.date_of_birth = c.contact_date_of_birth
         AND (p.name_call_id IS NULL OR (p.name_call_id <> c.id AND p.origin = 'voice')), false) AS proven,
       ARRAY (SELECT DISTINCT u.tool FROM voice_tool_uses u WHERE u.tenant_id = $1 AND u.call_ref = c.external_id AND u.ok) AS "toolsDone",
       ARRAY (SELECT u.tool FROM voice_tool_uses u WHERE u.tenant_id = $1 AND u.call_ref = c.external_id
         UNION SELECT replace(v.name, '_', '-') FROM voice_tool_calls v WHERE v.tenant_id = $1 AND v.call_id = c.id
           AND replace(v.name, '_', '-') = ANY ($3)) AS "toolsUsed"
     FROM voice_calls c
     JOIN voice_call_extractions e ON e.tenant_id = $1 AND e.call_id = c.id
     LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = c.patient_id
     WHERE c.tenant_id = $1 AND c.id = ANY ($2::uuid[])
       AND (NOT EXISTS (SELECT FROM appointments a WHERE a.tenant_id = $1 AND a.call_id = c.id
           AND NOT EXISTS (SELECT FROM voice_tool_uses u WHERE u.tenant_id = $1 AND u.call_ref = c.external_id AND u.appointment_id = a.id))
         OR EXISTS (SELECT FROM booking_requests b WHERE b.tenant_id = $1 AND b.call_id = c.id AND b.state = 'fulfilled'))
       AND EXISTS (SELECT FROM practitioner_schedules s WHERE s.tenant_id = $1)
     ORDER BY c.began_at, c.id`,
    [tenantId, ids, toolNames],
  );
  if (rows.length === 0) return [];
  const kept = await client.query<KeptRequest & { callId: string }>(
    `SELECT b.call_id AS "callId", b.kind, b.state, b.taken_by IS NOT NULL OR b.closed_by IS NOT NULL AS "isTheirs", b.wanted,
       b.appointment_id AS "appointmentId", a.patient_id AS "patientId", a.practitioner_id AS "practitionerId"
     FROM booking_requests b LEFT JOIN appointments a ON a.tenant_id = $1 AND a.id = b.appointment_id
     WHERE b.tenant_id = $1 AND b.call_id = ANY ($2::uuid[]) ORDER BY b.id FOR UPDATE OF b`,
    [tenantId, rows.map(({ id }) => id)],
  );
  const byCall = Map.groupBy(kept.rows, ({ callId }) => callId);
  return rows.map((row) => ({ ...row, requests: byCall.get(row.id) ?? [] }));
}
