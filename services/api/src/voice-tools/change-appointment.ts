import { zonedIso } from '@switchboard/domain/periods/zone';
import { changeState, loadVisit, moveAppointment } from '@switchboard/postgres/scheduling/change';
import type { StoredVisit } from '@switchboard/postgres/scheduling/change-context';
import { loadMovedVisit } from '@switchboard/postgres/scheduling/visit-types';
import { provenPatients } from '@switchboard/postgres/voice-tools/callers';
import { momentAt } from './spoken/speak.ts';
import { presentSlot, refuse, saidSlot, type ToolContext, type ToolResult } from './tool-context.ts';
import type { CancelBody, RescheduleBody } from './tool-schema.ts';
import { checkWanted, readWanted, refuseSlot } from './wanted-slot.ts';

/** Moves an appointment of the proven caller. The caller of this holds the tenant's lock. */
export async function rescheduleByVoice(context: ToolContext, body: RescheduleBody): Promise<ToolResult> {
  const { client, tenant, lines, now } = context;
  const visit = await ownVisit(context, body);
  if (!visit) return refuse('NOT_VERIFIED', lines.notVerified, true);
  const asked = readWanted(context, body);
  if (!asked) return refuse('OUTSIDE_HOURS', lines.noSlots, true);
  // What it is for and how long it takes stay, whichever slots were read out.
  const moved = await loadMovedVisit(client, tenant.tenantId, visit);
  const wanted = { ...asked, visit: moved, isOfAnyKind: false };
  if (!isAhead(visit, now)) return refuse('NEEDS_HUMAN', lines.needsHuman, false);
  const slot = await checkWanted(context, wanted, visit.id);
  if (typeof slot === 'string') return refuseSlot(context, wanted, slot, visit.id);
  const version = await moveAppointment(client, changeContext(context), visit, slot, wanted.visit);
  if (version === 'SLOT_TAKEN') return refuseSlot(context, wanted, version, visit.id);
  if (typeof version === 'string') return refuse('NEEDS_HUMAN', lines.needsHuman, false);
  const { slot_id: _, spoken: __, ...shown } = presentSlot(context, slot, wanted.visit);
  return {
    ok: true,
    code: 'RESCHEDULED',
    spoken: lines.moved(saidSlot(context, slot)),
    more: { appointment: { id: visit.id, ...shown, status: 'scheduled' } },
    appointmentId: visit.id,
    proven: true,
  };
}

/** Cancels an appointment of the proven caller. The caller of this holds the tenant's lock. */
export async function cancelByVoice(context: ToolContext, body: CancelBody): Promise<ToolResult> {
  const { client, tenant, lines, now } = context;
  const visit = await ownVisit(context, body);
  if (!visit) return refuse('NOT_VERIFIED', lines.notVerified, true);
  const done = (spoken: string): ToolResult => ({
    ok: true,
    code: 'CANCELLED',
    spoken,
    more: {
      appointment: {
        id: visit.id,
        start: zonedIso(visit.startsAt.getTime(), tenant.timeZone),
        status: 'cancelled',
      },
    },
    appointmentId: visit.id,
    proven: true,
  });
  if (visit.status === 'cancelled') return done(lines.alreadyCancelled);
  if (!isAhead(visit, now)) return refuse('NEEDS_HUMAN', lines.needsHuman, false);
  const version = await changeState(client, changeContext(context), visit, {
    to: 'cancelled',
    by: 'patient',
    reason: body.reason ?? null,
  });
  if (typeof version === 'string') return refuse('NEEDS_HUMAN', lines.needsHuman, false);
  return done(lines.cancelled(momentAt(visit.startsAt.getTime(), tenant.timeZone, now)));
}

interface Which {
  call_id: string;
  appointment_id?: string | undefined;
  confirmation_code?: string | undefined;
}

/** The appointment, if it is one of somebody whom the caller proved to be: of others nothing tells that they are there. */
async function ownVisit(context: ToolContext, body: Which): Promise<StoredVisit | undefined> {
  const { client, tenant } = context;
  const proven = await provenPatients(client, tenant.tenantId, body.call_id);
  const by =
    body.appointment_id === undefined
      ? { code: (body.confirmation_code ?? '').replace(/[\s,.-]/g, '').toUpperCase() }
      : { id: body.appointment_id };
  const visit = await loadVisit(client, tenant.tenantId, by);
  return visit?.patientId && proven.has(visit.patientId) ? visit : undefined;
}

function isAhead(visit: StoredVisit, now: number): boolean {
  return visit.startsAt.getTime() > now && ['scheduled', 'confirmed'].includes(visit.status);
}

function changeContext({ tenant, pseudonymKey, now }: ToolContext) {
  return { tenant, pseudonymKey, now, actor: { kind: 'voice_agent', id: null } } as const;
}
