import {
  type AskedVisit,
  isOtherVisit,
  readAskedVisit,
  type SaidEntity,
  type Unclear,
} from '@switchboard/domain/scheduling/asked-visit';
import type { Client } from '@switchboard/postgres';
import { loadSpokenOf } from '@switchboard/postgres/scheduling/asked-calls';
import { bookAppointment } from '@switchboard/postgres/scheduling/book';
import { changeState, loadVisit, moveAppointment } from '@switchboard/postgres/scheduling/change';
import {
  type ChangeContext,
  type StoredVisit,
  stateChange,
} from '@switchboard/postgres/scheduling/change-context';
import { checkTime, type FreeSlot } from '@switchboard/postgres/scheduling/find-slots';
import { loadMovedVisit, type VisitType } from '@switchboard/postgres/scheduling/visit-types';
import type { Directory } from '@switchboard/postgres/voice-tools/directory';
import type { ChangedCall } from './changed-call.ts';
import { findTold, startOf, wantedBy } from './told-visits.ts';

/** What a finished call asks for. */
export interface Asking {
  call: ChangedCall;
  kind: 'book' | 'reschedule' | 'cancel';
  patientId: string | null;
  entities: readonly SaidEntity[];
  /** The caller is who the patient is, by birth date. */
  proven: boolean;
  /** The caller knows what the voice agent's tools answered; nothing may be done beside that. */
  usedTools: boolean;
  /** What is to be moved or cancelled, where that was certain when it was asked for before. */
  appointmentId: string | null;
}

export interface AskedClinic {
  directory: Directory;
  type: VisitType;
}

/** What became of what was asked for: that it was done (`reason` null), or why a person has to do it. */
export interface Left {
  reason: string | null;
  appointmentId?: string | undefined;
}

/** Outcomes by which the agent itself says that nothing was agreed. */
const notAgreed: readonly unknown[] = ['abandoned', 'callback_requested', 'unresolved'];

/**
 * Books, moves or cancels where who, what and when are certain and the time is free, unless it was done elsewhere. Who hung
 * up before anything was agreed, or waits for a call, would not know of what was done; whom a tool answered was told otherwise.
 */
export async function doAsked(
  client: Client,
  context: ChangeContext,
  clinic: AskedClinic,
  one: Asking,
): Promise<Left> {
  const { call, patientId, appointmentId } = one;
  // Under the tenant's lock, so read once; who moves or cancels is asked by what they have.
  const asked =
    one.kind === 'book' ? readAskedVisit(one.entities, clinic.directory.practitioners) : undefined;
  const told = await findTold(client, context.tenant, clinic.directory.practitioners, {
    kind: one.kind,
    visit: typeof asked === 'string' ? undefined : asked,
    callId: call.id,
    conversationId: call.conversationId,
    patientId,
    beganAt: call.row.began_at,
    wanted: wantedBy(one.entities),
    appointmentId,
  });
  if (told !== undefined) {
    await stateChange(client, context, { appointments: [told], calls: [call.id] });
    return { reason: null, appointmentId: told };
  }
  if (one.usedTools) return { reason: 'tool_refused' };
  if (notAgreed.includes(call.merged.fields.outcome)) return { reason: 'not_agreed' };
  return asked === undefined
    ? change(client, context, clinic, one)
    : book(client, context, clinic, one, asked);
}

/** Who names no practitioner when they move a visit mean the same one. */
export function readMove(
  entities: readonly SaidEntity[],
  { directory }: AskedClinic,
  practitionerId: string | null,
): ReturnType<typeof readAskedVisit> {
  const asked = readAskedVisit(entities, directory.practitioners);
  if (asked !== 'practitioner_unclear' || entities.some(({ name }) => name === 'practitioner')) return asked;
  const name = directory.practitioners.find(({ id }) => id === practitionerId)?.name ?? null;
  const same = { name: 'practitioner', normalised: name, confidence: 1 };
  return readAskedVisit([...entities, same], directory.practitioners);
}

async function book(
  client: Client,
  context: ChangeContext,
  clinic: AskedClinic,
  { call, patientId }: Asking,
  asked: AskedVisit | Unclear,
): Promise<Left> {
  if (patientId === null) return { reason: 'patient_unclear' };
  if (typeof asked === 'string') return { reason: asked };
  const slot = await freeSlot(client, context, asked, clinic.type);
  if (typeof slot === 'string') return { reason: slot };
  const booked = await bookAppointment(client, context, {
    slot,
    visit: clinic.type,
    patientId,
    channel: 'voice',
    callId: call.id,
    conversationId: call.conversationId,
  });
  return booked === 'SLOT_TAKEN' ? { reason: 'slot_taken' } : { reason: null, appointmentId: booked.id };
}

async function change(
  client: Client,
  context: ChangeContext,
  clinic: AskedClinic,
  one: Asking,
): Promise<Left> {
  const { patientId, entities, proven } = one;
  if (patientId === null || !proven) return { reason: 'patient_unclear' };
  const stored = await findMeant(client, context, clinic, one, patientId);
  if (!stored) return { reason: 'appointment_unclear' };
  const left = (reason: string | null): Left => ({ reason, appointmentId: stored.id });
  if (one.kind === 'cancel') {
    const done = await changeState(client, context, stored, { to: 'cancelled', by: 'patient', reason: null });
    return left(typeof done === 'string' ? done.toLowerCase() : null);
  }
  const asked = readMove(entities, clinic, stored.practitionerId);
  if (typeof asked === 'string') return left(asked);
  const type = await loadMovedVisit(client, context.tenant.tenantId, stored);
  const slot = await freeSlot(client, context, asked, type, stored.id);
  if (typeof slot === 'string') return left(slot);
  const moved = await moveAppointment(client, context, stored, slot, type);
  return left(typeof moved === 'string' ? moved.toLowerCase() : null);
}

/** The one visit that the patient had when the call began, where it still is as it was then and the caller speaks of no other. */
async function findMeant(
  client: Client,
  { tenant, now }: ChangeContext,
  { directory }: AskedClinic,
  { call, kind, entities }: Asking,
  patientId: string,
): Promise<StoredVisit | undefined> {
  const spokenOf = { patientId, beganAt: call.row.began_at, now: new Date(now) };
  const [visit, another] = await loadSpokenOf(client, tenant.tenantId, spokenOf);
  if (!visit || another || !visit.stands || visit.later || kind === 'book') return undefined;
  const stored = await loadVisit(client, tenant.tenantId, { id: visit.id });
  if (!stored) return undefined;
  const had = { practitionerId: stored.practitionerId, startsAt: stored.startsAt.getTime() };
  return isOtherVisit(kind, entities, had, directory.practitioners, tenant.timeZone) ? undefined : stored;
}

/** The first of those who may be meant who has the time, or why none has. */
async function freeSlot(
  client: Client,
  { tenant, now }: ChangeContext,
  asked: AskedVisit,
  visit: VisitType,
  except?: string,
): Promise<FreeSlot | string> {
  const from = startOf(asked, tenant.timeZone);
  if (from <= now) return 'too_late';
  let reason = 'practitioner_unclear';
  for (const practitionerId of asked.practitionerIds) {
    const wanted = { practitionerId, from, visit, now, zone: tenant.timeZone, except };
    const slot = await checkTime(client, tenant.tenantId, wanted);
    if (typeof slot !== 'string') return slot;
    reason = slot.toLowerCase();
  }
  return reason;
}
