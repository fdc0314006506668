import { uuidV7 } from '@switchboard/domain/ids';
import { decideMatch, scoreCandidates } from '@switchboard/domain/matching';
import { normaliseName } from '@switchboard/domain/names';
import { localDateAt, zonedIso } from '@switchboard/domain/periods/zone';
import { toE164 } from '@switchboard/domain/phone';
import { readBirth } from '@switchboard/domain/scheduling/read-birth';
import { createPatient } from '@switchboard/postgres/people/new-patient';
import { loadPatientsFor } from '@switchboard/postgres/people/patients';
import { bookAppointment } from '@switchboard/postgres/scheduling/book';
import { provenPatients } from '@switchboard/postgres/voice-tools/callers';
import { findLiveCall, type LiveCall } from '@switchboard/postgres/voice-tools/calls';
import { momentAt } from './spoken/speak.ts';
import { presentSlot, refuse, type ToolContext, type ToolResult } from './tool-context.ts';
import type { BookBody } from './tool-schema.ts';
import { checkWanted, readWanted, refuseSlot } from './wanted-slot.ts';

/** Books a slot for a caller. The caller of this holds the tenant's lock. */
export async function bookByVoice(context: ToolContext, body: BookBody): Promise<ToolResult> {
  const { client, tenant, pseudonymKey, directory, lines, now } = context;
  const wanted = readWanted(context, body);
  if (!wanted) return refuse('OUTSIDE_HOURS', lines.noSlots, true);
  const live = await findLiveCall(client, tenant.tenantId, body.call_id);
  // Before a patient is made: nothing is left of a booking that cannot be.
  const slot = await checkWanted(context, wanted);
  if (typeof slot === 'string') return refuseSlot(context, wanted, slot);
  const patientId = await whoBooks(context, body, live);
  if (typeof patientId !== 'string') return patientId;
  const booked = await bookAppointment(
    client,
    { tenant, pseudonymKey, now, actor: { kind: 'voice_agent', id: null } },
    {
      slot,
      visit: wanted.visit,
      patientId,
      channel: 'voice',
      reason: body.reason,
      callId: live?.id,
      toolCallId: body.tool_call_id ?? uuidV7(now),
      conversationId: live?.conversationId,
    },
  );
  if (booked === 'SLOT_TAKEN') return refuseSlot(context, wanted, booked);
  const { slot_id: _, spoken: __, ...shown } = presentSlot(context, slot, wanted.visit);
  const practitioner = directory.practitioners.find(({ id }) => id === slot.practitionerId)?.name ?? '';
  const code = booked.confirmationCode ?? '';
  return {
    ok: true,
    code: 'BOOKED',
    spoken: lines.booked(momentAt(slot.from, tenant.timeZone, now), practitioner, code),
    more: {
      appointment: {
        id: booked.id,
        ...shown,
        start: zonedIso(slot.from, tenant.timeZone),
        status: 'scheduled',
        confirmation_code: code,
      },
    },
    appointmentId: booked.id,
  };
}

/** For whom: somebody proven in this call, or whoever the details are of, new ones made. */
async function whoBooks(
  context: ToolContext,
  { call_id: callRef, patient_id: id, patient }: BookBody,
  live: LiveCall | undefined,
): Promise<string | ToolResult> {
  const { client, tenant, lines, now } = context;
  const { tenantId } = tenant;
  if (id !== undefined) {
    const proven = await provenPatients(client, tenantId, callRef);
    return proven.has(id) ? id : refuse('NOT_VERIFIED', lines.notVerified, true);
  }
  if (!patient) return refuse('PATIENT_NOT_FOUND', lines.notVerified, true);
  const phone = patient.phone === undefined ? (live?.phone ?? null) : toE164(patient.phone, tenant.country);
  if (phone === null) return refuse('PATIENT_NOT_FOUND', lines.needPhone, true);
  const firstName = normaliseName(patient.first_name);
  const lastName = normaliseName(patient.last_name);
  const name = [firstName, lastName].filter((part) => part !== null).join(' ') || null;
  const dob = readBirth(patient.date_of_birth, localDateAt(now, tenant.timeZone), tenant.country === 'US');
  const known = await loadPatientsFor(client, tenantId, { phones: [phone], ids: [], callIds: [] });
  const scored = scoreCandidates(
    { phone, name, dob },
    known.map((row) => ({
      id: row.id,
      phones: row.phones,
      first: row.first_name,
      last: row.last_name,
      dob: row.date_of_birth,
    })),
  );
  const decision = decideMatch(scored, { thresholds: tenant.matchThresholds });
  if (decision.kind === 'link') return decision.patientId;
  // Of another number than the call's own nothing tells whether it is anybody's: it is booked for who was said.
  if (decision.kind === 'review' && live?.phone === phone && dob === null)
    return refuse('PATIENT_AMBIGUOUS', lines.ambiguous, true);
  return createPatient(client, tenantId, 'voice', { firstName, lastName, dateOfBirth: dob, phone }, now);
}
