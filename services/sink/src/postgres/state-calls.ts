import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@switchboard/postgres';
import { stateTouched } from '@switchboard/postgres/facts/state-touched';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import type { ChangedCall } from './changed-call.ts';
import { isLate } from './is-late.ts';
import type { SettledVisit } from './settle-asked.ts';

/** What follows from calls. */
export interface Followed {
  /** Appointments that tools booked in them. */
  booked: readonly string[];
  /** Those that follow from what they asked for. */
  settled: readonly SettledVisit[];
  /** Conversations of whom they made known, and the patients. */
  written: { conversations: readonly string[]; patients: readonly string[] };
}

/**
 * States the facts of the calls changed, and of everything beside them whose answers they change.
 */
export async function stateCalls(
  client: Client,
  { pseudonymKey }: { pseudonymKey: Buffer },
  tenant: TenantSettings,
  calls: readonly ChangedCall[],
  { booked, settled, written }: Followed,
): Promise<void> {
  const last = calls.at(-1);
  if (!last) return;
  const causes = new Map([
    ...settled.map(({ appointmentId, call }) => [appointmentId, causeOf(call)] as const),
    ...calls.flatMap((call) => [
      [call.id, causeOf(call)] as const,
      [call.conversationId, causeOf(call)] as const,
    ]),
  ]);
  const inPlace = calls.filter(standsStill);
  await stateTouched(
    client,
    {
      tenant,
      pseudonymKey,
      cause: causeOf(last),
      causeOf: (id) => causes.get(id),
      isLate: isLate(
        calls.map(({ cause }) => cause.event.event.received_at),
        Date.now(),
      ),
    },
    {
      ...written,
      calls: calls.map(({ id }) => id),
      appointments: [...booked, ...settled.map(({ appointmentId }) => appointmentId)],
      callsInPlace: inPlace.map(({ id }) => id),
      callsBefore: calls
        .filter((call) => !inPlace.includes(call))
        .flatMap(({ id, stored }) =>
          stored?.contact_phone ? [{ callId: id, ...placeOf(stored), phone: stored.contact_phone }] : [],
        ),
    },
  );
}

function causeOf({ cause: { event, traceparent } }: ChangedCall) {
  return { eventId: event.event.event_id, traceparent };
}

/** Whether the call is where it was among its caller's, and reached the caller no more and no less. */
function standsStill({ stored, merged, row }: ChangedCall): boolean {
  const { contact_phone = null, direction, status = null } = merged.fields;
  return (
    stored !== undefined &&
    isDeepStrictEqual(placeOf(stored), placeOf({ ...row, contact_phone, direction })) &&
    stored.status === status &&
    stored.caller_turns === row.caller_turns
  );
}

interface Placed {
  contact_phone: string | null;
  began_at: Date;
  direction: string;
  intent: string | null;
}

const placeOf = ({ contact_phone: phone, began_at: beganAt, direction, intent }: Placed) => ({
  phone,
  beganAt,
  direction,
  intent,
});
