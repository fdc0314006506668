import { isDeepStrictEqual } from 'node:util';
import { localDateAt } from '@switchboard/domain/periods/zone';
import type { SaidEntity } from '@switchboard/domain/scheduling/asked-visit';
import { requestExpiry } from '@switchboard/domain/scheduling/request-expiry';
import type { Client } from '@switchboard/postgres';
import type { Touched } from '@switchboard/postgres/facts/state-touched';
import { type AskedRequest, dropRequests, keepRequests } from '@switchboard/postgres/scheduling/asked-calls';
import {
  type AskingCall,
  type KeptRequest,
  loadAskingCalls,
} from '@switchboard/postgres/scheduling/asking-calls';
import type { ChangeContext } from '@switchboard/postgres/scheduling/change-context';
import { loadVisitTypes } from '@switchboard/postgres/scheduling/visit-types';
import { loadDirectory } from '@switchboard/postgres/voice-tools/directory';
import type { ChangedCall } from './changed-call.ts';
import { type AskedClinic, type Asking, doAsked, type Left, readMove } from './do-asked.ts';
import { entitiesOf, wantedBy } from './told-visits.ts';

const kinds: Readonly<Record<string, Asking['kind']>> = {
  book_appointment: 'book',
  reschedule_appointment: 'reschedule',
  cancel_appointment: 'cancel',
};
/** The tools that do it. */
const toolOf: Readonly<Record<Asking['kind'], string>> = {
  book: 'book-appointment',
  reschedule: 'reschedule-appointment',
  cancel: 'cancel-appointment',
};
/** What a later event may say otherwise of what is asked, and by whom; besides when the call began. */
const telling = [
  'transcript',
  'status',
  'outcome',
  'vendor_extraction',
  'contact_name',
  'contact_phone',
  'contact_date_of_birth',
] as const;

/** An appointment that a call's settling changed, or that of another whom it freed from a conflict. */
export interface SettledVisit {
  appointmentId: string;
  call: ChangedCall;
}

/** What a call asks for, if anything. */
type Settling = Omit<Asking, 'kind' | 'appointmentId'> & { kind: Asking['kind'] | undefined };

/**
 * Does what finished calls asked for that used no tool: books, moves or cancels where who, what and when are certain and the
 * time is free; else, and where tools did not do it, leaves it to a person, with the reason. What a later event says otherwise is asked for anew while
 * nothing was done and no person has it; what was done stays, and a person asks what is meant. Costs nothing where no call
 * asks or asked. @returns the appointments that are to be stated now, with the call that asked
 */
export async function settleAsked(
  client: Client,
  context: ChangeContext,
  calls: readonly ChangedCall[],
  patientOf: (call: ChangedCall) => string | null,
): Promise<SettledVisit[]> {
  const { tenantId } = context.tenant;
  const asking = calls.filter(mayAsk);
  const open = await loadAskingCalls(
    client,
    tenantId,
    asking.map(({ id }) => id),
  );
  if (open.length === 0) return [];
  const [type] = await loadVisitTypes(client, tenantId);
  const clinic = { directory: await loadDirectory(client, tenantId), type };
  const settled: SettledVisit[] = [];
  const kept: AskedRequest[] = [];
  for (const one of open) {
    const { proven, requests } = one;
    const call = asking.find(({ id }) => id === one.id);
    if (!call) continue;
    const kind = leftByTools(kinds[call.row.intent ?? ''], one);
    const entities = datedRight(one, call, context.tenant.timeZone);
    const usedTools = one.toolsUsed.length > 0;
    const collected: Touched[] = [];
    const request = await settle(
      client,
      { ...context, collected },
      clinic,
      { call, kind, patientId: patientOf(call), entities, proven, usedTools },
      requests,
    );
    if (request) kept.push(request);
    for (const { appointments = [] } of collected)
      for (const appointmentId of appointments) settled.push({ appointmentId, call });
  }
  await keepRequests(client, tenantId, kept);
  return settled;
}

/** What of a call's wishes no tool did: what it asks for, else what a tool was asked for and refused. */
function leftByTools(
  asked: Asking['kind'] | undefined,
  { toolsDone, toolsUsed }: AskingCall,
): Asking['kind'] | undefined {
  const did = (kind: Asking['kind']) => toolsDone.includes(toolOf[kind]);
  // To book anew and cancel the old is to move.
  const isDone = (kind: Asking['kind']) =>
    did(kind) || (kind === 'reschedule' && did('book') && did('cancel'));
  if (asked === undefined || !isDone(asked)) return asked;
  return Object.values(kinds).find((kind) => toolsUsed.includes(toolOf[kind]) && !isDone(kind));
}

/** What was said, without days that were counted from another than the one on which the call turned out to begin. */
function datedRight(
  { entities, countedFrom }: AskingCall,
  { row }: ChangedCall,
  zone: string,
): readonly SaidEntity[] {
  const isRight =
    countedFrom === null || localDateAt(+countedFrom, zone) === localDateAt(+row.began_at, zone);
  return isRight
    ? entities
    : entities.map((one) => (one.name === 'date' ? { ...one, normalised: null } : one));
}

/** Whoever was put through to a person was helped by them; what was emptied asks for nothing. */
function mayAsk({ row, stored, emptied, merged }: ChangedCall): boolean {
  const { status, outcome } = merged.fields;
  const beganElse = stored !== undefined && +stored.began_at !== +row.began_at;
  return (
    !emptied.includes('texts') &&
    (kinds[row.intent ?? ''] !== undefined || kinds[stored?.intent ?? ''] !== undefined) &&
    row.analyzed_at !== null &&
    status === 'completed' &&
    outcome !== 'transferred' &&
    (beganElse || telling.some((field) => merged.changed.has(field)))
  );
}

async function settle(
  client: Client,
  context: ChangeContext,
  clinic: AskedClinic,
  one: Settling,
  requests: readonly KeptRequest[],
): Promise<AskedRequest | undefined> {
  const { tenantId } = context.tenant;
  if (requests.some(({ isTheirs }) => isTheirs)) return undefined;
  const done = requests.find(({ state }) => state === 'fulfilled');
  if (done) {
    if (!asksTheSame(clinic, one, done))
      return requestOf(context, one, 'callback', {
        reason: 'asked_otherwise',
        appointmentId: done.appointmentId ?? undefined,
      });
    await dropRequests(client, tenantId, one.call.id, ['callback']);
    return undefined;
  }
  const { kind } = one;
  await dropRequests(
    client,
    tenantId,
    one.call.id,
    requests.map((request) => request.kind).filter((asked) => asked !== kind),
  );
  if (kind === undefined) return undefined;
  const appointmentId = namedBefore(one, requests);
  const left = await doAsked(client, context, clinic, { ...one, kind, appointmentId });
  return requestOf(context, one, kind, { appointmentId: appointmentId ?? undefined, ...left });
}

/** What is to be moved or cancelled, where that was certain: it stays so while the caller says the same. */
function namedBefore(
  { kind, patientId, entities }: Settling,
  requests: readonly KeptRequest[],
): string | null {
  const before = requests.find((one) => one.kind === kind && one.patientId === patientId);
  return before && isDeepStrictEqual(before.wanted, wantedBy(entities)) ? before.appointmentId : null;
}

/** Whether what was done is what the call still asks for, for the same patient. */
function asksTheSame(clinic: AskedClinic, one: Settling, done: KeptRequest): boolean {
  if (one.kind !== done.kind || (done.patientId !== null && done.patientId !== one.patientId)) return false;
  if (one.kind === 'cancel') return true;
  const before = entitiesOf(done.wanted);
  const [was, is] = [before, one.entities].map((said) => readMove(said, clinic, done.practitionerId));
  if (!was || !is || typeof was === 'string' || typeof is === 'string') return false;
  return (
    was.date === is.date &&
    was.minute === is.minute &&
    was.practitionerIds.some((id) => is.practitionerIds.includes(id))
  );
}

function requestOf(
  { tenant }: ChangeContext,
  { call, entities }: Settling,
  kind: AskedRequest['kind'],
  { reason, appointmentId }: Left,
): AskedRequest {
  const wanted = wantedBy(entities);
  return {
    kind,
    callId: call.id,
    conversationId: call.conversationId,
    appointmentId: appointmentId ?? null,
    reason,
    wanted,
    expiresAt: new Date(requestExpiry(wanted, call.row.began_at.getTime(), tenant.timeZone)),
  };
}
