import { uuidV7 } from '@switchboard/domain/ids';
import { type MergedCall, mergeCallEvent } from '@switchboard/domain/voice/merge-call';
import { type Client, type Pool, together } from '@switchboard/postgres';
import { standInOf } from '@switchboard/postgres/erasure/stand-ins';
import { deletePatients } from '@switchboard/postgres/people/patients';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import {
  loadCalls,
  type StoredCall,
  upsertCalls,
  upsertConversations,
  upsertConversationsButState,
} from '@switchboard/postgres/voice/calls';
import { linkToolBookings } from '@switchboard/postgres/voice-tools/link-calls';
import type { ChangedCall, SinkEvent } from './changed-call.ts';
import { emptiedOf, withoutEmptied } from './emptied-call.ts';
import { type MatchedCalls, matchStoredCalls, writeMatches } from './match-stored-calls.ts';
import { matchConversations } from './records/match-conversations.ts';
import { settleAsked } from './settle-asked.ts';
import { stateCalls } from './state-calls.ts';
import { renderCall, restoreCall } from './stored-call.ts';
import { writeCallParts } from './write-call-parts.ts';
import { writeNewEvents } from './write-new-events.ts';

export interface WriteOptions {
  pool: Pool;
  /** Keyed HMAC of callers' numbers. */
  pseudonymKey: Buffer;
  now: () => number;
}

/**
 * Writes one tenant's events in one transaction: marks them as taken, merges them into their calls, finds or makes the
 * callers' patients, and states the facts. Events that were taken before do nothing, here or in an earlier batch.
 * @returns those of the events that were new
 */
export function writeEvents(
  options: WriteOptions,
  tenant: TenantSettings,
  events: readonly SinkEvent[],
): Promise<readonly SinkEvent[]> {
  const idOf = ({ event }: SinkEvent) => event.event_id;
  return writeNewEvents(options.pool, tenant.tenantId, events, idOf, async (client, fresh) => {
    const calls = await mergeCalls(client, options, tenant.tenantId, fresh);
    const matches = await matchStoredCalls(client, tenant, calls, options.now);
    const { deleted } = matches.plan;
    await writeCalls(client, tenant.tenantId, calls, matches, options.now);
    // Who is known by a call now may have written before; what somebody wrote whom no call makes known any more is nobody's.
    const written = await matchConversations(client, tenant, matches.phones, options.now, deleted);
    await deletePatients(client, tenant.tenantId, deleted);
    const booked = await linkToolBookings(client, tenant.tenantId, calls.filter(isNew).map(toNewCall));
    const asked = { tenant, pseudonymKey: options.pseudonymKey, now: options.now(), actor: voiceAgent };
    const settled = await settleAsked(client, asked, calls, matches.patientOf);
    await stateCalls(client, options, tenant, calls, { booked, settled, written });
  });
}

async function mergeCalls(
  client: Client,
  { pseudonymKey, now }: WriteOptions,
  tenantId: string,
  events: readonly SinkEvent[],
): Promise<ChangedCall[]> {
  const byCall = Map.groupBy(events, ({ event }) => callKey(event.event.source, event.event.call_id));
  const keys = [...byCall.values()].flatMap(([first]) =>
    first ? [{ source: first.event.event.source, externalId: first.event.event.call_id }] : [],
  );
  const stored = new Map(
    (await loadCalls(client, tenantId, keys)).map((call) => [callKey(call.source, call.external_id), call]),
  );
  const standInOfPhone = (phone: string) => standInOf(pseudonymKey, tenantId, phone).standIn;
  const calls = [...byCall].flatMap(([key, group]) => {
    const cause = group.at(-1);
    return cause ? [mergeOne(stored.get(key), group, cause, standInOfPhone, now)] : [];
  });
  // One order for all who write these calls, and for matching: an earlier call's new patient is known to a later one.
  return calls.sort(
    (left, right) =>
      left.row.began_at.getTime() - right.row.began_at.getTime() || (left.id < right.id ? -1 : 1),
  );
}

function mergeOne(
  stored: StoredCall | undefined,
  group: readonly SinkEvent[],
  cause: SinkEvent,
  standInOfPhone: (phone: string) => string,
  now: () => number,
): ChangedCall {
  const before = stored && restoreCall(stored);
  const all = group.reduce<MergedCall | undefined>((call, { event }) => mergeCallEvent(call, event), before);
  if (!all) throw new Error('a group of events is never empty');
  const emptied = emptiedOf(stored);
  const merged = withoutEmptied(all, emptied, standInOfPhone);
  return {
    id: stored?.id ?? uuidV7(now()),
    stored,
    emptied,
    merged,
    row: renderCall(merged, stored),
    conversationId: stored?.conversation_id ?? uuidV7(now()),
    cause,
  };
}

async function writeCalls(
  client: Client,
  tenantId: string,
  calls: readonly ChangedCall[],
  matches: MatchedCalls,
  now: () => number,
): Promise<void> {
  const rows = calls.map((call) => {
    const { event } = call.cause.event;
    return {
      ...call.row,
      tenant_id: tenantId,
      id: call.id,
      source: event.source,
      external_id: event.call_id,
      patient_id: matches.patientOf(call),
      original_patient_id: matches.originalOf(call),
      conversation_id: call.conversationId,
    };
  });
  // Each begins with the rows that later ones refer to.
  await together(
    matches.writePatients(client),
    writeConversations(client, tenantId, calls, matches),
    upsertCalls(client, rows),
    writeCallParts(client, tenantId, calls),
  );
  await writeMatches(client, tenantId, matches, now);
}

/** Whoever set a conversation's state by hand is not overruled by an event that does not change what follows from the call. */
async function writeConversations(
  client: Client,
  tenantId: string,
  calls: readonly ChangedCall[],
  matches: MatchedCalls,
): Promise<void> {
  const rows = calls.map((call) => {
    const { fields } = call.merged;
    const state = stateOf(fields);
    return {
      moved: !call.stored || stateOf(call.stored) !== state,
      row: {
        tenant_id: tenantId,
        id: call.conversationId,
        channel: 'voice',
        state,
        patient_id: matches.patientOf(call),
        original_patient_id: matches.originalOf(call),
        contact_phone: fields.contact_phone ?? null,
        last_inbound_at: fields.direction === 'inbound' ? call.row.began_at : null,
        began_at: call.row.began_at,
      },
    };
  });
  const written = (moved: boolean) => rows.filter((one) => one.moved === moved).map(({ row }) => row);
  await together(
    upsertConversations(client, written(true)),
    upsertConversationsButState(client, written(false)),
  );
}

/** A call is a conversation of its own: over with the call, unless somebody still waits for the clinic. */
function stateOf({ status, outcome }: { status?: string | null; outcome?: string | null }): string {
  const under = !status || status === 'ringing' || status === 'in_progress';
  const waiting = outcome === 'callback_requested' || outcome === 'unresolved';
  return under || waiting ? 'open' : 'resolved';
}

const voiceAgent = { kind: 'voice_agent', id: null } as const;
const isNew = ({ stored }: ChangedCall) => stored === undefined;

function toNewCall({ id, cause, conversationId }: ChangedCall) {
  return { id, externalId: cause.event.event.call_id, conversationId };
}

function callKey(source: string, externalId: string): string {
  return JSON.stringify([source, externalId]);
}
