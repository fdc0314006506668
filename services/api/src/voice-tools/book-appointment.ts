import { createHmac } from 'node:crypto';
import { uuidV7 } from '@switchboard/domain/ids';
import { decideMatch, scoreCandidates } from '@switchboard/domain/matching';
import { nameKey, normaliseName } from '@switchboard/domain/names';
import { localDateAt } from '@switchboard/domain/periods/zone';
import { toE164 } from '@switchboard/domain/phone';
import { readBirth } from '@switchboard/domain/scheduling/read-birth';
import { createPatient, type NewPatient } from '@switchboard/postgres/people/new-patient';
import { loadPatientsFor } from '@switchboard/postgres/people/patients';
import { type Booked, bookAppointment } from '@switchboard/postgres/scheduling/book';
import type { FreeSlot } from '@switchboard/postgres/scheduling/find-slots';
import { provenPatients } from '@switchboard/postgres/voice-tools/callers';
import { findLiveCall, type LiveCall } from '@switchboard/postgres/voice-tools/calls';
import { findOwnBooking } from '@switchboard/postgres/voice-tools/uses';
import { presentSlot, refuse, saidSlot, type ToolContext, type ToolResult } from './tool-context.ts';
import type { BookBody } from './tool-schema.ts';
import { checkAnyKind, readWanted, refuseSlot, type WantedSlot } from './wanted-slot.ts';

/** Books a slot for a caller. The caller of this holds the tenant's lock. */
export async function bookByVoice(context: ToolContext, body: BookBody): Promise<ToolResult> {
  const { client, tenant, pseudonymKey, lines, now } = context;
  const { tenantId } = tenant;
  const asked = readWanted(context, body);
  if (!asked) return refuse('OUTSIDE_HOURS', lines.noSlots, true);
  const live = await findLiveCall(client, tenantId, body.call_id);
  const who = await whoBooks(context, body, live);
  if ('code' in who) return who;
  const { wanted, slot } = await checkAnyKind(context, asked);
  if (typeof slot === 'string') {
    const own = await findOwnBooking(
      client,
      tenantId,
      body.call_id,
      wanted.practitionerId,
      new Date(wanted.from),
      'askedFor' in who ? who : { patientId: who.id },
    );
    // The call was told that it takes a moment, and asks again as something new: also once the time is near or the hours are others.
    if (own)
      return booked(
        context,
        wanted,
        { ...own, practitionerId: wanted.practitionerId, from: +own.from, to: +own.to },
        own,
        who,
      );
    return refuseSlot(context, wanted, slot);
  }
  // Only now: nothing is left of a booking that cannot be.
  const patientId = who.id ?? (await createPatient(client, tenantId, 'voice', who.person, now));
  const made = await bookAppointment(
    client,
    { tenant, pseudonymKey, now, actor: { kind: 'voice_agent', id: null } },
    {
      slot,
      visit: wanted.visit,
      patientId,
      originalPatientId: who.originalId,
      channel: 'voice',
      reason: body.reason,
      callId: live?.id,
      toolCallId: body.tool_call_id ?? uuidV7(now),
      conversationId: live?.conversationId,
    },
  );
  if (made === 'SLOT_TAKEN') return refuseSlot(context, wanted, made);
  return booked(context, wanted, slot, made, who);
}

function booked(
  context: ToolContext,
  { visit, notice }: WantedSlot,
  slot: FreeSlot,
  { id, confirmationCode }: Pick<Booked, 'id' | 'confirmationCode'>,
  who: Who,
): ToolResult {
  const { slot_id: _, spoken: __, ...shown } = presentSlot(context, slot, visit);
  const code = confirmationCode ?? '';
  return {
    ok: true,
    code: 'BOOKED',
    spoken: `${notice}${context.lines.booked(saidSlot(context, slot), code)}`,
    more: { appointment: { id, ...shown, status: 'scheduled', confirmation_code: code } },
    appointmentId: id,
    ...('askedFor' in who ? { askedFor: who.askedFor } : { proven: true }),
  };
}

/** Somebody proven; or somebody on file or new, by what was said of them. */
type Who =
  | { id: string; originalId?: undefined }
  | ({ askedFor: string } & (
      | {
          id: string;
          /** Whose the named phone is, of those who were merged into them. */
          originalId: string;
        }
      | { id: null; originalId?: undefined; person: NewPatient }
    ));

/** For whom: somebody proven in this call, or whoever the details are of. */
async function whoBooks(
  context: ToolContext,
  { call_id: callRef, patient_id: id, patient }: BookBody,
  live: LiveCall | undefined,
): Promise<Who | ToolResult> {
  const { client, tenant, pseudonymKey, lines, now } = context;
  const { tenantId } = tenant;
  if (id !== undefined) {
    const proven = await provenPatients(client, tenantId, callRef);
    return proven.has(id) ? { id } : refuse('NOT_VERIFIED', lines.notVerified, true);
  }
  if (!patient) return refuse('PATIENT_NOT_FOUND', lines.notVerified, true);
  const phone = patient.phone === undefined ? (live?.phone ?? null) : toE164(patient.phone, tenant.country);
  if (phone === null) return refuse('PATIENT_NOT_FOUND', lines.needPhone, true);
  const firstName = normaliseName(patient.first_name);
  const lastName = normaliseName(patient.last_name);
  const name = [firstName, lastName].filter((part) => part !== null).join(' ') || null;
  const dob = readBirth(patient.date_of_birth, localDateAt(now, tenant.timeZone), tenant.country === 'US');
  const askedFor = createHmac('sha256', pseudonymKey)
    .update(`asked for:${tenantId}:${phone}:${nameKey(name) ?? ''}`)
    .digest('base64url');
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
  if (decision.kind === 'link') {
    const { patientId } = decision;
    const linked = known.find((row) => row.id === patientId);
    return { id: patientId, originalId: linked?.absorbed_phones[phone] ?? patientId, askedFor };
  }
  // Of another number than the call's own nothing tells whether it is anybody's: it is booked for who was said.
  if (decision.kind === 'review' && live?.phone === phone && dob === null)
    return refuse('PATIENT_AMBIGUOUS', lines.ambiguous, true);
  return { id: null, askedFor, person: { firstName, lastName, dateOfBirth: dob, phone } };
}
