import { type BookingRequestRow, requestStates } from '@switchboard/postgres/scheduling/booking-requests';
import { z } from 'zod';
import type { Reader } from '../calls/present-call.ts';
import { cursorParameter, instantInCursor } from '../paging/cursor.ts';
import { whole } from '../paging/parameters.ts';

const text = z.string().nullable();

export const requestQuery = z.strictObject({
  state: z
    .enum(requestStates)
    .default('open')
    .describe('`expired`: nobody took it before its time was over; who takes it opens it again.'),
  limit: whole(200, 1).default(50),
  cursor: cursorParameter(z.strictObject({ at: instantInCursor, id: z.uuid() })),
});

export const proposeBody = z.strictObject({
  appointment_id: z.uuid().describe('A hold, or an appointment, made for it.'),
});
export const fulfilBody = z.strictObject({ appointment_id: z.uuid().optional() });

export const bookingRequest = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.string(),
  channel: z.string(),
  reason: text.describe('Why nobody could do it at once, as a code.'),
  wanted: z.record(z.string(), z.unknown()).describe('What was said of it.'),
  patient: z.object({ id: z.string(), first_name: text, last_name: text }).nullable(),
  call_id: text,
  conversation_id: text,
  appointment_id: text,
  taken_by: text,
  taken_at: text,
  closed_by: text,
  closed_at: text,
  expires_at: z.string().describe('From when on it is expired, unless somebody has taken it.'),
  created_at: z.string(),
});

export const requestList = z.object({ requests: z.array(bookingRequest), next_cursor: text });

export function presentRequest(row: BookingRequestRow, { seesPhi }: Reader): z.infer<typeof bookingRequest> {
  const shown = (value: string | null) => (seesPhi ? value : null);
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    channel: row.channel,
    reason: row.reason,
    wanted: seesPhi ? row.wanted : {},
    patient:
      row.patient_id === null
        ? null
        : {
            id: row.patient_id,
            first_name: shown(row.patient_first_name),
            last_name: shown(row.patient_last_name),
          },
    call_id: row.call_id,
    conversation_id: row.conversation_id,
    appointment_id: row.appointment_id,
    taken_by: row.taken_by,
    taken_at: row.taken_at?.toISOString() ?? null,
    closed_by: row.closed_by,
    closed_at: row.closed_at?.toISOString() ?? null,
    expires_at: row.expires_at.toISOString(),
    created_at: row.created_at.toISOString(),
  };
}
