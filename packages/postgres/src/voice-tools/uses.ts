import { uuidV7 } from '@switchboard/domain/ids';
import type { Queryable } from '../pool.ts';

/** A use of a tool. */
export interface ToolUse {
  tool: string;
  /** The vendor's id of the call. */
  callRef: string | null;
  /** A repeat with the same gets the kept answer; null: nothing is changed by a repeat. */
  key: string | null;
  ok: boolean;
  code: string;
  latencyMs: number;
  answer: unknown;
  appointmentId: string | null;
  /** Got the answer that was kept of another use, and did nothing. */
  repeated: boolean;
  /** Keyed hash of the phone and name that a booking was asked for. */
  askedFor: string | null;
}

/** What was answered to this use before. Under the tenant's lock a repeat at the same time waits for it. */
export async function findKept(
  client: Queryable,
  tenantId: string,
  callRef: string,
  key: string,
): Promise<Pick<ToolUse, 'answer' | 'appointmentId'> | undefined> {
  const { rows } = await client.query<Pick<ToolUse, 'answer' | 'appointmentId'>>(
    `SELECT answer, appointment_id AS "appointmentId" FROM voice_tool_uses
     WHERE tenant_id = $1 AND call_ref = $2 AND use_key = $3`,
    [tenantId, callRef, key],
  );
  return rows[0];
}

/**
 * The key of a use that has no id of its own: what it asks for, and what the call did last besides. So the same is a repeat
 * only until something else was done: who moves a visit, moves it on and wants it back asks for it anew.
 * @param asked keyed hash of what it asks for
 */
export async function keyOfAsked(
  client: Queryable,
  tenantId: string,
  callRef: string,
  asked: string,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM voice_tool_uses
     WHERE tenant_id = $1 AND call_ref = $2 AND use_key IS NOT NULL AND ok AND NOT starts_with(use_key, $3)
     ORDER BY created_at DESC, id DESC LIMIT 1`,
    [tenantId, callRef, asked],
  );
  return rows[0] ? `${asked}:${rows[0].id}` : asked;
}

/** Keeps a use: one with a key once, so that a repeat of it is kept without. */
export async function keepUse(client: Queryable, tenantId: string, use: ToolUse, now: number): Promise<void> {
  await client.query(
    `INSERT INTO voice_tool_uses (tenant_id, id, tool, call_ref, use_key, ok, code, latency_ms, answer, appointment_id, repeated, asked_for)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      tenantId,
      uuidV7(now),
      use.tool,
      use.callRef,
      use.key,
      use.ok,
      use.code,
      use.latencyMs,
      use.key === null ? null : JSON.stringify(use.answer),
      use.appointmentId,
      use.repeated,
      use.askedFor,
    ],
  );
}

/** What a call's tools booked and nobody cancelled. */
export interface OwnBooking {
  id: string;
  locationId: string | null;
  confirmationCode: string | null;
  from: Date;
  to: Date;
}

/**
 * The appointment that this call itself booked with a practitioner at a time, for whom it is asked for now.
 * @param whose the hash of what was said of them, or the patient the caller proved to be
 */
export async function findOwnBooking(
  client: Queryable,
  tenantId: string,
  callRef: string,
  practitionerId: string,
  from: Date,
  whose: { askedFor: string } | { patientId: string },
): Promise<OwnBooking | undefined> {
  const [column, value] =
    'askedFor' in whose ? ['u.asked_for', whose.askedFor] : ['a.patient_id', whose.patientId];
  const { rows } = await client.query<OwnBooking>(
    `SELECT a.id, a.location_id AS "locationId", a.confirmation_code AS "confirmationCode",
       a.starts_at AS "from", a.ends_at AS "to"
     FROM voice_tool_uses u JOIN appointments a ON a.tenant_id = $1 AND a.id = u.appointment_id
     WHERE u.tenant_id = $1 AND u.call_ref = $2 AND u.appointment_id IS NOT NULL AND u.tool = 'book-appointment'
       AND a.practitioner_id = $3 AND a.starts_at = $4 AND a.status IN ('scheduled', 'confirmed')
       AND ${column} = $5`,
    [tenantId, callRef, practitionerId, from, value],
  );
  return rows[0];
}
