import { isDeepStrictEqual } from 'node:util';
import { stateVoiceCall, voiceCallStatementVersion } from '@switchboard/domain/facts/voice-call';
import { pseudonymOf } from '@switchboard/domain/pseudonym';
import { type Client, recordFacts } from '@switchboard/postgres';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { type CallPosition, findNeighbours, loadFactRecords } from '@switchboard/postgres/voice/fact-records';
import type { ChangedCall } from './changed-call.ts';

/** States the facts of the calls changed, and of the calls beside them whose answers they change. */
export async function stateCalls(
  client: Client,
  { pseudonymKey }: { pseudonymKey: Buffer },
  tenant: TenantSettings,
  calls: readonly ChangedCall[],
): Promise<void> {
  const [last] = calls.slice(-1);
  if (!last) return;
  const causes = new Map(calls.map((call) => [call.id, call.cause]));
  const neighbours = await findNeighbours(client, tenant.tenantId, calls.flatMap(positionsOf));
  const records = await loadFactRecords(client, tenant.tenantId, [
    ...new Set([...causes.keys(), ...neighbours]),
  ]);
  await recordFacts(
    client,
    {
      tenantId: tenant.tenantId,
      shard: tenant.shard,
      statementVersion: voiceCallStatementVersion,
      zone: tenant.timeZone,
    },
    records.map(({ id, phone, record }) => {
      const { event, traceparent } = causes.get(id) ?? last.cause;
      const caller = callerOf(pseudonymKey, tenant.tenantId, phone);
      return {
        kind: 'voice_call',
        entityId: id,
        basis: 'started',
        statement: stateVoiceCall({ ...record, caller }, tenant.timeZone),
        eventId: event.event.event_id,
        traceparent,
      };
    }),
  );
}

/** Pseudonym of the other party; null: the number was withheld. */
export function callerOf(pseudonymKey: Buffer, tenantId: string, phone: string | null): string | null {
  return phone === null ? null : pseudonymOf(pseudonymKey, tenantId, phone);
}

/** Where the call stands now and where it stood: both places have neighbours. A call that stands still has none to tell. */
function positionsOf({ id, stored, merged, row }: ChangedCall): CallPosition[] {
  const { contact_phone: phone = null, direction, status = null } = merged.fields;
  const now = { callId: id, phone, beganAt: row.began_at, direction, intent: row.intent };
  const before = stored && {
    callId: id,
    phone: stored.contact_phone,
    beganAt: stored.began_at,
    direction: stored.direction,
    intent: stored.intent,
  };
  // Whether the clinic reached the caller follows from the last two.
  const still =
    isDeepStrictEqual(now, before) && stored?.status === status && stored.caller_turns === row.caller_turns;
  return still
    ? []
    : [now, before].flatMap((place) => (place?.phone ? [{ ...place, phone: place.phone }] : []));
}
