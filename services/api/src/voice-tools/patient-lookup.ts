import { isFullName, nameSimilarity } from '@switchboard/domain/names';
import { localDateAt, zonedIso } from '@switchboard/domain/periods/zone';
import { toE164 } from '@switchboard/domain/phone';
import { readBirth } from '@switchboard/domain/scheduling/read-birth';
import { loadPatientsFor, type PatientRow } from '@switchboard/postgres/people/patients';
import { beginTry, keepProof, patientsBornOn } from '@switchboard/postgres/voice-tools/callers';
import { findLiveCall } from '@switchboard/postgres/voice-tools/calls';
import { loadUpcoming } from '@switchboard/postgres/voice-tools/upcoming';
import { saidSlot, type ToolContext, type ToolResult } from './tool-context.ts';
import type { LookupBody } from './tool-schema.ts';

/** From here on a name that was said is a patient's. */
const sameName = 0.85;
/** A birth date that nobody has: so that one that is not said is looked for as long. */
const nobodysBirth = '1800-01-01';

/**
 * Who calls. A birth date with the phone or the full name proves it; until then nothing tells whether anybody is a patient
 * but of the number that the call comes from: at most a first name.
 */
export async function patientLookup(context: ToolContext, body: LookupBody): Promise<ToolResult> {
  const { client, tenant, lines } = context;
  const { tenantId } = tenant;
  const phone = toE164(body.phone, tenant.country);
  const today = localDateAt(context.now, tenant.timeZone);
  const dob = readBirth(body.date_of_birth, today, tenant.country === 'US');
  const live = await findLiveCall(client, tenantId, body.call_id);
  const tries = body.date_of_birth !== undefined;
  const mayTry = tries && (await beginTry(client, tenantId, body.call_id, phone ?? ''));
  const bornThen = await patientsBornOn(client, tenantId, dob ?? nobodysBirth);
  const patients = await loadPatientsFor(client, tenantId, {
    phones: [phone ?? 'none'],
    ids: bornThen,
    callIds: [],
  });
  const proven = mayTry && dob !== null ? whoProved(patients, { phone, name: body.name, dob }) : [];
  const [patient] = proven;
  if (patient && proven.length === 1) {
    await keepProof(client, tenantId, body.call_id, phone ?? '', patient.id);
    return verified(context, patient);
  }
  const none = unverified('none', null, tries && !mayTry ? lines.noMoreTries : lines.notVerified);
  if (phone === null || live?.phone !== phone) return none;
  const own = patients.filter(({ phones }) => phones.includes(phone));
  if (own.length === 0 || (tries && !mayTry)) return none;
  if (own.length > 1) return unverified('several', null, lines.askWhich);
  return unverified('one', own[0]?.first_name ?? null, lines.foundOne);
}

async function verified(context: ToolContext, patient: PatientRow): Promise<ToolResult> {
  const { client, tenant, lines, now } = context;
  const { timeZone: zone, tenantId } = tenant;
  const upcoming = await loadUpcoming(client, tenantId, patient.id, new Date(now));
  return {
    ok: true,
    proven: true,
    code: 'VERIFIED',
    spoken: lines.found(patient.first_name),
    more: {
      match: 'one',
      verified: true,
      patient: {
        id: patient.id,
        first_name: patient.first_name,
        last_name: patient.last_name,
        date_of_birth: patient.date_of_birth,
      },
      upcoming: upcoming.map((visit) => {
        const { practitioner_id: practitionerId, location_id: locationId } = visit;
        const said = saidSlot(context, { from: visit.starts_at.getTime(), practitionerId, locationId });
        return {
          id: visit.id,
          start: zonedIso(visit.starts_at.getTime(), zone),
          end: zonedIso(visit.ends_at.getTime(), zone),
          status: visit.status,
          practitioner: { id: practitionerId, name: said.practitioner },
          confirmation_code: visit.confirmation_code,
          spoken: lines.slot(said),
        };
      }),
    },
  };
}

/** The same in every case that must not be told from another. */
function unverified(match: 'one' | 'several' | 'none', firstName: string | null, spoken: string): ToolResult {
  return {
    ok: true,
    code: 'NOT_VERIFIED',
    spoken,
    more: {
      match,
      verified: false,
      patient: firstName === null ? null : { first_name: firstName },
      upcoming: [],
    },
  };
}

interface Said {
  phone: string | null;
  name: string | undefined;
  dob: string;
}

/** With the phone whoever has the birth date, and the name if one was said; else whose full name it is. */
function whoProved(patients: readonly PatientRow[], { phone, name, dob }: Said): PatientRow[] {
  const born = patients.filter((patient) => patient.date_of_birth === dob);
  const withPhone = born.filter(({ phones }) => phone !== null && phones.includes(phone));
  const named = withPhone.filter((patient) => name === undefined || isNamed(patient, name));
  if (named.length > 0 || name === undefined) return named;
  return born.filter(
    ({ first_name: first, last_name: last }) =>
      first !== null && last !== null && isFullName(name, first, last, sameName),
  );
}

function isNamed({ first_name, last_name }: PatientRow, said: string): boolean {
  const whole = [first_name, last_name].filter((part) => part !== null).join(' ');
  return nameSimilarity(said, whole) >= sameName;
}
