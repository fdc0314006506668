import { dayNumber } from '@switchboard/domain/periods/local-date';
import { instantOfWall } from '@switchboard/domain/periods/zone';
import { type AskedVisit, readAskedVisit, type SaidEntity } from '@switchboard/domain/scheduling/asked-visit';
import type { Client } from '@switchboard/postgres';
import { stateTouched } from '@switchboard/postgres/facts/state-touched';
import {
  type AskedRequest,
  keepRequest,
  linkToldVisit,
  loadAskingCalls,
} from '@switchboard/postgres/scheduling/asked-calls';
import { bookAppointment } from '@switchboard/postgres/scheduling/book';
import { changeState, loadVisit, moveAppointment } from '@switchboard/postgres/scheduling/change';
import type { ChangeContext } from '@switchboard/postgres/scheduling/change-context';
import { checkTime, type FreeSlot } from '@switchboard/postgres/scheduling/find-slots';
import { loadVisitTypes, type VisitType } from '@switchboard/postgres/scheduling/visit-types';
import { type Directory, loadDirectory } from '@switchboard/postgres/voice-tools/directory';
import { loadUpcoming } from '@switchboard/postgres/voice-tools/upcoming';
import type { ChangedCall } from './changed-call.ts';

const kinds: Readonly<Record<string, AskedRequest['kind']>> = {
  book_appointment: 'book',
  reschedule_appointment: 'reschedule',
  cancel_appointment: 'cancel',
};

interface Asking {
  call: ChangedCall;
  kind: AskedRequest['kind'];
  patientId: string | null;
  entities: readonly SaidEntity[];
  /** The caller is who the patient is, by birth date. */
  proven: boolean;
}

interface Clinic {
  directory: Directory;
  type: VisitType;
  types: readonly VisitType[];
}

/**
 * Does what finished calls asked for and no tool did: books, moves or cancels where who, what and when are certain and the
 * time is free; else leaves it to a person, with the reason. Costs nothing where no call asks.
 */
export async function settleAsked(
  client: Client,
  context: ChangeContext,
  calls: readonly ChangedCall[],
  patientOf: (call: ChangedCall) => string | null,
): Promise<void> {
  const { tenantId } = context.tenant;
  const asking = calls.filter(mayAsk);
  const open = await loadAskingCalls(
    client,
    tenantId,
    asking.map(({ id }) => id),
  );
  if (open.length === 0) return;
  const types = await loadVisitTypes(client, tenantId);
  const clinic = { directory: await loadDirectory(client, tenantId), type: types[0], types };
  for (const { id, entities, proven } of open) {
    const call = asking.find((one) => one.id === id);
    const kind = kinds[call?.row.intent ?? ''];
    if (!call || !kind) continue;
    const one: Asking = { call, kind, patientId: patientOf(call), entities, proven };
    const left =
      kind === 'book' ? await book(client, context, clinic, one) : await change(client, context, clinic, one);
    if (left) await keepRequest(client, tenantId, requestOf(one, left));
  }
}

/** Whoever was put through to a person was helped by them. */
function mayAsk({ row, merged }: ChangedCall): boolean {
  const { status, outcome } = merged.fields;
  return (
    row.intent !== null &&
    row.intent in kinds &&
    row.analyzed_at !== null &&
    status === 'completed' &&
    outcome !== 'transferred' &&
    (merged.changed.has('transcript') ||
      merged.changed.has('status') ||
      merged.changed.has('vendor_extraction'))
  );
}

/** What is kept of a call beside its appointment: what is left, or that what it asked for was done (`reason` null). */
interface Left {
  reason: string | null;
  appointmentId?: string;
}

async function book(
  client: Client,
  context: ChangeContext,
  clinic: Clinic,
  one: Asking,
): Promise<Left | undefined> {
  const { call, patientId, entities } = one;
  if (patientId === null) return { reason: 'patient_unclear' };
  const asked = readAskedVisit(entities, clinic.directory.practitioners);
  if (typeof asked === 'string') return { reason: asked };
  const told = await linkToldVisit(client, context.tenant.tenantId, {
    id: call.id,
    conversationId: call.conversationId,
    patientId,
    from: new Date(startOf(asked, context.tenant.timeZone)),
    practitionerIds: asked.practitionerIds,
  });
  if (told !== undefined) {
    await stateTouched(
      client,
      { ...context, cause: { eventId: call.cause.event.event_id, traceparent: call.cause.traceparent } },
      { appointments: [told], calls: [call.id] },
    );
    return undefined;
  }
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
  return booked === 'SLOT_TAKEN' ? { reason: 'slot_taken' } : undefined;
}

async function change(client: Client, context: ChangeContext, clinic: Clinic, one: Asking): Promise<Left> {
  const { kind, patientId, entities, proven } = one;
  const { tenant, now } = context;
  if (patientId === null || !proven) return { reason: 'patient_unclear' };
  const upcoming = await loadUpcoming(client, tenant.tenantId, patientId, new Date(now));
  const [visit] = upcoming;
  if (!visit || upcoming.length > 1) return { reason: 'appointment_unclear' };
  const stored = await loadVisit(client, tenant.tenantId, { id: visit.id });
  if (!stored) return { reason: 'appointment_unclear' };
  const left = (reason: string | null): Left => ({ reason, appointmentId: visit.id });
  if (kind === 'cancel') {
    const done = await changeState(client, context, stored, { to: 'cancelled', by: 'patient', reason: null });
    return left(typeof done === 'string' ? done.toLowerCase() : null);
  }
  const asked = readAskedVisit(entities, clinic.directory.practitioners);
  // Who names no other practitioner means the same.
  const keeps = asked === 'practitioner_unclear' && !entities.some(({ name }) => name === 'practitioner');
  const again = keeps
    ? readAskedVisit(
        [...entities, samePractitioner(clinic, stored.practitionerId)],
        clinic.directory.practitioners,
      )
    : asked;
  if (typeof again === 'string') return left(again);
  const type = clinic.types.find(({ id }) => id === stored.typeId) ?? clinic.type;
  const slot = await freeSlot(client, context, again, type, visit.id);
  if (typeof slot === 'string') return left(slot);
  const moved = await moveAppointment(client, context, stored, slot, type);
  return left(typeof moved === 'string' ? moved.toLowerCase() : null);
}

function samePractitioner({ directory }: Clinic, id: string | null): SaidEntity {
  const name = directory.practitioners.find((one) => one.id === id)?.name ?? null;
  return { name: 'practitioner', normalised: name, confidence: 1 };
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

function startOf({ date, minute }: AskedVisit, zone: string): number {
  return instantOfWall(dayNumber(date) * 86_400_000 + minute * 60_000, zone);
}

function requestOf({ call, kind, entities }: Asking, { reason, appointmentId }: Left): AskedRequest {
  const said = entities.filter(({ name }) => ['date', 'time', 'practitioner', 'specialty'].includes(name));
  return {
    kind,
    callId: call.id,
    conversationId: call.conversationId,
    appointmentId: appointmentId ?? null,
    reason,
    wanted: Object.fromEntries(
      said.flatMap(({ name, normalised }) => (normalised === null ? [] : [[name, normalised]])),
    ),
  };
}
