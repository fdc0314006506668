import { createUpsert } from '../rows.ts';

/** Writes whole appointments by id; `during` follows from the other columns. An overlap is refused with 23P01, and with it all rows of the call. */
export const upsertAppointments = createUpsert(
  'appointments',
  ['tenant_id', 'id'],
  [
    'patient_id',
    'original_patient_id',
    'practitioner_id',
    'location_id',
    'appointment_type_id',
    'status',
    'starts_at',
    'ends_at',
    'buffer_before_minutes',
    'buffer_after_minutes',
    'conflict',
    'hold_expires_at',
    'moves',
    'reason',
    'cancelled_by',
    'booked_at',
    'confirmed_at',
    'checked_in_at',
    'completed_at',
    'cancelled_at',
    'confirmation_code',
    'channel',
    'call_id',
    'tool_call_id',
    'conversation_id',
    'source',
    'external_id',
    'placeholder',
    'entered_in_error',
    'merge_state',
    'version',
  ],
);

/** Writes whole requests by id. */
export const upsertBookingRequests = createUpsert(
  'booking_requests',
  ['tenant_id', 'id'],
  [
    'kind',
    'state',
    'channel',
    'patient_id',
    'original_patient_id',
    'call_id',
    'conversation_id',
    'appointment_id',
    'wanted',
    'closed_by',
    'closed_at',
  ],
);
