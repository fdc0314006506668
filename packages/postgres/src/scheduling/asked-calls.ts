import { uuidV5 } from '@switchboard/domain/ids';
import type { Queryable } from '../pool.ts';

/**
 * Gives a call the appointment that its patient has at the time it asked for, or that the clinic's system says was booked
 * by phone while the call went on or just after: that system may have told of it first, and of a call that comes late also
 * how it ended or where it was moved. One that names a call already is another's.
 * @returns its id
 */
export async function linkToldVisit(
  client: Queryable,
  tenantId: string,
  call: {
    id: string;
    conversationId: string;
    patientId: string;
    /** What was asked for, where that is certain. */
    asked: { from: Date; practitionerIds: readonly string[] } | undefined;
  },
): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    `UPDATE appointments u SET call_id = $2, conversation_id = coalesce(u.conversation_id, $3)
     FROM (SELECT a.id FROM appointments a JOIN voice_calls c ON c.tenant_id = $1 AND c.id = $2
       WHERE a.tenant_id = $1 AND a.patient_id = $4 AND a.call_id IS NULL AND NOT a.entered_in_error AND NOT a.placeholder
         AND ((a.starts_at = $5 AND a.practitioner_id = ANY ($6::uuid[])
             AND a.status IN ('scheduled', 'confirmed', 'checked_in', 'completed', 'no_show'))
           OR (a.external_id IS NOT NULL AND a.channel = 'voice'
             AND a.booked_at BETWEEN c.began_at AND coalesce(c.ended_at, c.began_at + interval '30 minutes') + interval '10 minutes'))
       ORDER BY (a.starts_at = $5) IS TRUE DESC, a.booked_at, a.id LIMIT 1) told
     WHERE u.tenant_id = $1 AND u.id = told.id RETURNING u.id`,
    [
      tenantId,
      call.id,
      call.conversationId,
      call.patientId,
      call.asked?.from ?? null,
      call.asked?.practitionerIds ?? [],
    ],
  );
  return rows[0]?.id;
}

/** A visit that was moved or cancelled, as it is now. */
export interface ChangedVisit {
  id: string;
  practitionerId: string | null;
  startsAt: Date;
}

/**
 * The appointments of a patient that were moved, or cancelled but not by the clinic, since a call that asks for that began:
 * in the order in which they were changed.
 * @param asked `appointmentId`: the one that is to be; null: nobody knows
 */
export async function loadToldChanges(
  client: Queryable,
  tenantId: string,
  asked: { kind: 'reschedule' | 'cancel'; patientId: string; beganAt: Date; appointmentId: string | null },
): Promise<ChangedVisit[]> {
  const { rows } = await client.query<ChangedVisit>(
    `SELECT a.id, a.practitioner_id AS "practitionerId", a.starts_at AS "startsAt" FROM appointments a, LATERAL (SELECT CASE $3
         WHEN 'reschedule' THEN a.moved_at
         ELSE CASE WHEN a.status = 'cancelled' AND a.cancelled_by IS DISTINCT FROM 'clinic' THEN a.cancelled_at END END AS at) done
     WHERE a.tenant_id = $1 AND a.patient_id = $2 AND a.id = coalesce($5, a.id) AND NOT a.entered_in_error AND NOT a.placeholder
       AND done.at BETWEEN $4::timestamptz AND $4::timestamptz + interval '14 days'
     ORDER BY done.at, a.id`,
    [tenantId, asked.patientId, asked.kind, asked.beganAt, asked.appointmentId],
  );
  return rows;
}

/** A patient's visit that a call may speak of. */
export interface SpokenOfVisit {
  id: string;
  /** It can still be moved or cancelled. */
  stands: boolean;
  /** It was booked, or came to its time, after the call began. */
  later: boolean;
}

/**
 * The visits, at most two, that a patient had ahead when a call began, and those that came after it: a call that is told
 * late spoke of none of these, and maybe of one that is over or that the clinic cancelled since.
 */
export async function loadSpokenOf(
  client: Queryable,
  tenantId: string,
  { patientId, beganAt, now }: { patientId: string; beganAt: Date; now: Date },
): Promise<SpokenOfVisit[]> {
  const { rows } = await client.query<SpokenOfVisit>(
    `SELECT id, starts_at > $4 AND status IN ('scheduled', 'confirmed') AS stands,
       greatest(coalesce(booked_at, created_at), moved_at) > $3 AS later
     FROM appointments
     WHERE tenant_id = $1 AND patient_id = $2 AND starts_at >= least($3, $4) AND NOT entered_in_error AND NOT placeholder
       AND status <> 'held' AND (status <> 'cancelled' OR cancelled_at > $3)
     ORDER BY starts_at, id LIMIT 2`,
    [tenantId, patientId, beganAt, now],
  );
  return rows;
}

/** What a call asked for and waits for, of a patient of whom the clinic's system told. */
export interface WaitingRequest {
  kind: 'book' | 'reschedule' | 'cancel';
  callId: string;
  conversationId: string;
  patientId: string;
  beganAt: Date;
  wanted: Record<string, string>;
  /** The one that is to be moved or cancelled; null: nobody knows. */
  appointmentId: string | null;
  expiresAt: Date;
}

/**
 * What calls asked for of these patients, and of those whose appointments these are, and nobody did or took. What is over
 * by the clock may have been done in time, too.
 */
export async function loadWaiting(
  client: Queryable,
  tenantId: string,
  appointmentIds: readonly string[],
  patientIds: readonly string[],
): Promise<WaitingRequest[]> {
  const { rows } = await client.query<WaitingRequest>(
    `SELECT b.kind, c.id AS "callId", b.conversation_id AS "conversationId", c.patient_id AS "patientId",
       c.began_at AS "beganAt", b.wanted, b.appointment_id AS "appointmentId", b.expires_at AS "expiresAt"
     FROM (SELECT patient_id FROM appointments WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND patient_id IS NOT NULL
       UNION SELECT unnest($3::uuid[])) who
     JOIN voice_calls c ON c.tenant_id = $1 AND c.patient_id = who.patient_id
     JOIN booking_requests b ON b.tenant_id = $1 AND b.call_id = c.id
     WHERE b.state = 'open' AND b.taken_by IS NULL AND b.kind <> 'callback' AND b.conversation_id IS NOT NULL
     ORDER BY c.began_at, c.id`,
    [tenantId, appointmentIds, patientIds],
  );
  return rows;
}

export interface AskedRequest {
  /** `callback`: a person has to ask what is meant. */
  kind: 'book' | 'reschedule' | 'cancel' | 'callback';
  callId: string;
  conversationId: string;
  appointmentId: string | null;
  /** Why nobody could do it at once, as a code; null: it was done. */
  reason: string | null;
  /** What was said of it: date, time, practitioner, specialty. */
  wanted: Readonly<Record<string, string>>;
  /** From when on it is no work for a person any more. */
  expiresAt: Date;
}

/**
 * Keeps what calls asked for, once a kind, as it was said last: for a person to see to, unless it was done. What a person
 * has taken or closed stays theirs. The patient is the call's, whoever that turns out to be.
 */
export async function keepRequests(
  client: Queryable,
  tenantId: string,
  requests: readonly AskedRequest[],
): Promise<void> {
  if (requests.length === 0) return;
  await client.query(
    `INSERT INTO booking_requests AS b (tenant_id, id, kind, channel, call_id, conversation_id, appointment_id, reason, wanted, state, closed_at, expires_at)
     SELECT $1, r.id, r.kind, 'voice', r."callId", r."conversationId", r."appointmentId", r.reason, r.wanted, r.state,
       CASE r.state WHEN 'fulfilled' THEN now() END, r."expiresAt"
     FROM json_to_recordset($2::json) AS r (id uuid, kind text, "callId" uuid, "conversationId" uuid, "appointmentId" uuid,
       reason text, wanted jsonb, state text, "expiresAt" timestamptz)
     ON CONFLICT (tenant_id, id) DO UPDATE SET appointment_id = excluded.appointment_id, reason = excluded.reason,
       wanted = excluded.wanted, state = excluded.state, closed_at = excluded.closed_at, expires_at = excluded.expires_at
     WHERE b.taken_by IS NULL AND b.closed_by IS NULL
       AND (b.state, b.reason, b.wanted, b.appointment_id)
         IS DISTINCT FROM (excluded.state, excluded.reason, excluded.wanted, excluded.appointment_id)`,
    [
      tenantId,
      JSON.stringify(
        requests.map((request) => ({
          ...request,
          id: uuidV5('booking-request', tenantId, request.callId, request.kind),
          state: request.reason === null ? 'fulfilled' : 'open',
        })),
      ),
    ],
  );
}

/** Closes what a call asks for no more, of these kinds, where no person has it. */
export async function dropRequests(
  client: Queryable,
  tenantId: string,
  callId: string,
  kinds: readonly AskedRequest['kind'][],
): Promise<void> {
  if (kinds.length === 0) return;
  await client.query(
    `UPDATE booking_requests SET state = 'dismissed', closed_at = now()
     WHERE tenant_id = $1 AND call_id = $2 AND kind = ANY ($3) AND state = 'open' AND taken_by IS NULL`,
    [tenantId, callId, kinds],
  );
}
