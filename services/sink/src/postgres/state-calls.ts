import type { Client } from '@switchboard/postgres';
import { stateTouched, type Touched } from '@switchboard/postgres/facts/state-touched';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import type { ChangedCall } from './changed-call.ts';

/** States the facts of the calls changed, and of everything beside them whose answers they change. */
export async function stateCalls(
  client: Client,
  { pseudonymKey }: { pseudonymKey: Buffer },
  tenant: TenantSettings,
  calls: readonly ChangedCall[],
): Promise<void> {
  const last = calls.at(-1);
  if (!last) return;
  const causes = new Map(
    calls.flatMap((call) => {
      const cause = causeOf(call);
      return [[call.id, cause] as const, [call.conversationId, cause] as const];
    }),
  );
  await stateTouched(
    client,
    { tenant, pseudonymKey, cause: causeOf(last), causeOf: (id) => causes.get(id) },
    { calls: calls.map(({ id }) => id), callsBefore: calls.flatMap(positionBefore) },
  );
}

function causeOf({ cause: { event, traceparent } }: ChangedCall) {
  return { eventId: event.event.event_id, traceparent };
}

/** Where the call stood, if that was elsewhere. */
function positionBefore({ id, stored, merged, row }: ChangedCall): NonNullable<Touched['callsBefore']> {
  if (!stored?.contact_phone) return [];
  const { contact_phone: phone, began_at: beganAt, direction, intent } = stored;
  const same =
    phone === merged.fields.contact_phone &&
    beganAt.getTime() === row.began_at.getTime() &&
    direction === merged.fields.direction &&
    intent === row.intent;
  return same ? [] : [{ callId: id, phone, beganAt, direction, intent }];
}
