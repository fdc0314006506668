import { randomInt } from 'node:crypto';
import { uuidV7 } from '@switchboard/domain/ids';
import { type Client, together } from '../pool.ts';
import { type ChangeContext, type ChangedRow, changedColumns, recordChange } from './change-context.ts';
import type { FreeSlot } from './find-slots.ts';
import { clearBehindHolds, deleteOldHolds } from './old-holds.ts';
import type { VisitType } from './visit-types.ts';

/** Whom a visit is booked for. */
export interface BookedFor {
  /** Who stands for them. */
  patientId: string | null;
  /** Who they are themselves, whose the visit is again once a merge is undone; not given: whose the call is, or the same. */
  originalPatientId?: string | undefined;
}

export interface Booking extends BookedFor {
  slot: FreeSlot;
  visit: VisitType;
  channel: 'voice' | 'whatsapp' | 'web' | 'desk';
  /** Why the patient comes, as told. */
  reason?: string | null | undefined;
  /** Our id of the call it is booked in, where the call is known. */
  callId?: string | null | undefined;
  toolCallId?: string | null | undefined;
  conversationId?: string | null | undefined;
  /** Only kept free until then, Unix ms. */
  holdUntil?: number | undefined;
}

export interface Booked {
  id: string;
  version: number;
  /** Names it to the voice agent; a hold has none. */
  confirmationCode: string | null;
}

/**
 * Books a slot, or holds it. Holds that are over are removed before. The caller holds the tenant's lock and has looked
 * whether the slot is inside the hours; who is first has it.
 */
export async function bookAppointment(
  client: Client,
  context: ChangeContext,
  booking: Booking,
): Promise<Booked | 'SLOT_TAKEN'> {
  const { tenant, now } = context;
  const { slot, visit, holdUntil } = booking;
  const isHeld = holdUntil !== undefined;
  const [removed, confirmationCode] = await together(
    deleteOldHolds(client, tenant.tenantId, new Date(now)),
    isHeld ? Promise.resolve(null) : freeCode(client, tenant.tenantId),
  );
  await clearBehindHolds(client, context, removed);
  const id = uuidV7(now);
  const { rows } = await client.query<ChangedRow>(insertSql, [
    tenant.tenantId,
    id,
    booking.patientId,
    slot.practitionerId,
    slot.locationId,
    visit.id,
    isHeld ? 'held' : 'scheduled',
    new Date(slot.from),
    new Date(slot.to),
    visit.bufferBefore,
    visit.bufferAfter,
    isHeld ? new Date(holdUntil) : null,
    booking.reason ?? null,
    isHeld ? null : new Date(now),
    confirmationCode,
    booking.channel,
    booking.callId ?? null,
    booking.toolCallId ?? null,
    booking.conversationId ?? null,
    booking.originalPatientId ?? null,
  ]);
  const [row] = rows;
  if (!row) return 'SLOT_TAKEN';
  await recordChange(client, context, row, isHeld ? 'held' : 'booked', {
    calls: booking.callId ? [booking.callId] : [],
    conversations: booking.conversationId ? [booking.conversationId] : [],
  });
  return { id, version: row.version, confirmationCode };
}

/** Makes an appointment of a hold that is not over; without a patient it is the one's that it was held for. */
export async function bookHold(
  client: Client,
  context: ChangeContext,
  id: string,
  { patientId, originalPatientId }: BookedFor,
): Promise<Booked | 'SLOT_TAKEN'> {
  const { tenant, now } = context;
  const confirmationCode = await freeCode(client, tenant.tenantId);
  const { rows } = await client.query<ChangedRow>(
    `UPDATE appointments SET status = 'scheduled', hold_expires_at = NULL, booked_at = $3, confirmation_code = $4,
       patient_id = coalesce($5, patient_id), original_patient_id = coalesce($6, $5, original_patient_id), version = version + 1
     WHERE tenant_id = $1 AND id = $2 AND status = 'held' AND hold_expires_at > $3 RETURNING ${changedColumns}`,
    [tenant.tenantId, id, new Date(now), confirmationCode, patientId, originalPatientId ?? null],
  );
  const [row] = rows;
  if (!row) return 'SLOT_TAKEN';
  await recordChange(client, context, row, 'booked');
  return { id, version: row.version, confirmationCode };
}

const insertSql = `
INSERT INTO appointments (tenant_id, id, patient_id, original_patient_id, practitioner_id, location_id, appointment_type_id,
  status, starts_at, ends_at, buffer_before_minutes, buffer_after_minutes, hold_expires_at, reason, booked_at,
  confirmation_code, channel, call_id, tool_call_id, conversation_id)
VALUES ($1, $2, $3, coalesce($20, (SELECT c.original_patient_id FROM voice_calls c
    WHERE c.tenant_id = $1 AND c.id = $17 AND c.patient_id = $3), $3), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
ON CONFLICT ON CONSTRAINT appointments_no_double_booking DO NOTHING
RETURNING ${changedColumns}`;

/** Six digits that name no appointment yet: digits are heard best. The tenant's lock keeps others from taking them. */
async function freeCode(client: Client, tenantId: string): Promise<string> {
  for (;;) {
    const codes = Array.from({ length: 5 }, () => String(randomInt(100_000, 1_000_000)));
    const { rows } = await client.query<{ code: string }>(
      `SELECT code FROM unnest($2::text[]) AS code
       WHERE NOT EXISTS (SELECT FROM appointments WHERE tenant_id = $1 AND confirmation_code = code) LIMIT 1`,
      [tenantId, codes],
    );
    if (rows[0]) return rows[0].code;
  }
}
