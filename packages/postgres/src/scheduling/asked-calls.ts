import { uuidV5 } from '@switchboard/domain/ids';
import type { SaidEntity } from '@switchboard/domain/scheduling/asked-visit';
import type { Queryable } from '../pool.ts';

/** A finished call that asked for something and for which nobody did anything yet. */
export interface AskingCall {
  id: string;
  entities: SaidEntity[];
  /** The caller said the birth date that the patient has. */
  proven: boolean;
}

/**
 * Of these finished calls those that are to be settled: no tool booked or changed anything in them, nothing was booked or
 * asked for by them before, and the clinic keeps its practitioners' hours here.
 */
export async function loadAskingCalls(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<AskingCall[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<AskingCall>(
    `SELECT c.id, e.entities, coalesce(p.date_of_birth = c.contact_date_of_birth, false) AS proven
     FROM voice_calls c
     JOIN voice_call_extractions e ON e.tenant_id = $1 AND e.call_id = c.id
     LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = c.patient_id
     WHERE c.tenant_id = $1 AND c.id = ANY ($2::uuid[])
       AND NOT EXISTS (SELECT FROM voice_tool_uses u WHERE u.tenant_id = $1 AND u.call_ref = c.external_id AND u.appointment_id IS NOT NULL)
       AND NOT EXISTS (SELECT FROM appointments a WHERE a.tenant_id = $1 AND a.call_id = c.id)
       AND NOT EXISTS (SELECT FROM booking_requests b WHERE b.tenant_id = $1 AND b.call_id = c.id)
       AND EXISTS (SELECT FROM practitioner_schedules s WHERE s.tenant_id = $1)
     ORDER BY c.began_at, c.id`,
    [tenantId, ids],
  );
  return rows;
}

/**
 * Gives a call the appointment that its patient has at the time it asked for, whoever booked it: the clinic's system may
 * have told of it first, and of a call that comes late also how it ended. One that names a call already is another's.
 * @returns its id
 */
export async function linkToldVisit(
  client: Queryable,
  tenantId: string,
  call: {
    id: string;
    conversationId: string;
    patientId: string;
    from: Date;
    practitionerIds: readonly string[];
  },
): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    `UPDATE appointments SET call_id = $2, conversation_id = coalesce(conversation_id, $3)
     WHERE tenant_id = $1 AND patient_id = $4 AND starts_at = $5 AND practitioner_id = ANY ($6::uuid[]) AND call_id IS NULL
       AND status IN ('scheduled', 'confirmed', 'checked_in', 'completed', 'no_show') AND NOT entered_in_error AND NOT placeholder
     RETURNING id`,
    [tenantId, call.id, call.conversationId, call.patientId, call.from, call.practitionerIds],
  );
  return rows[0]?.id;
}

export interface AskedRequest {
  kind: 'book' | 'reschedule' | 'cancel';
  callId: string;
  conversationId: string;
  appointmentId: string | null;
  /** Why nobody could do it at once, as a code; null: it was done. */
  reason: string | null;
  /** What was said of it: date, time, practitioner, specialty. */
  wanted: Readonly<Record<string, string>>;
}

/**
 * Keeps what a call asked for, once, however often it is said: for a person to see to, unless it was done. The patient is
 * the call's, whoever that turns out to be.
 */
export async function keepRequest(client: Queryable, tenantId: string, request: AskedRequest): Promise<void> {
  await client.query(
    `INSERT INTO booking_requests (tenant_id, id, kind, channel, call_id, conversation_id, appointment_id, reason, wanted, state, closed_at)
     VALUES ($1, $2, $3, 'voice', $4, $5, $6, $7, $8, $9, CASE $9 WHEN 'fulfilled' THEN now() END) ON CONFLICT DO NOTHING`,
    [
      tenantId,
      uuidV5('booking-request', tenantId, request.callId, request.kind),
      request.kind,
      request.callId,
      request.conversationId,
      request.appointmentId,
      request.reason,
      JSON.stringify(request.wanted),
      request.reason === null ? 'fulfilled' : 'open',
    ],
  );
}
