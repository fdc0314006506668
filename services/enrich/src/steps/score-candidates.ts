import { scoreCandidates } from '@switchboard/domain/matching';
import type { PatientWithPhones } from '@switchboard/postgres/enrich/patients-by-phone';
import type { Identified, Scored } from '../events.ts';
import { ok, type Step } from '../pipeline/results.ts';

/** Most candidates proposed of one event, best first. */
const most = 10;

export interface ScoreCandidatesDeps {
  /** All patients of a tenant with any of the phones. @throws retryable while Postgres is away */
  loadPatients: (tenantId: string, phones: readonly string[]) => Promise<PatientWithPhones[]>;
}

/**
 * Adds the patients this may be. Postgres away means waiting, since a proposal must not depend on luck; and one query
 * serves all events of a tenant in the batch.
 */
export function createScoreCandidatesStep({ loadPatients }: ScoreCandidatesDeps): Step<Identified, Scored> {
  return async function scorePatientCandidates(identified) {
    const patientsOf = new Map<string, PatientWithPhones[]>();
    const byTenant = Map.groupBy(identified, ({ event }) => event.tenant_id);
    await Promise.all(
      [...byTenant].map(async ([tenantId, inputs]) => {
        const phones = new Set(inputs.flatMap((input) => phoneOf(input) ?? []));
        patientsOf.set(tenantId, phones.size > 0 ? await loadPatients(tenantId, [...phones].sort()) : []);
      }),
    );
    const byPhone = new Map(
      [...patientsOf].map(([tenantId, patients]) => [tenantId, indexByPhone(patients)]),
    );
    return identified.map((input) => {
      const { contactPhone, contactName: name, contactDateOfBirth: dob } = input;
      const phone = phoneOf(input);
      const patients = phone === null ? [] : (byPhone.get(input.event.tenant_id)?.get(phone) ?? []);
      const scored = scoreCandidates({ phone: contactPhone, name, dob }, patients).slice(0, most);
      return ok({
        ...input,
        candidates: scored.map(({ patientId, score, breakdown }) => ({
          patient_id: patientId,
          score,
          breakdown: JSON.stringify(breakdown),
        })),
      });
    });
  };
}

/** A number that was only said finds candidates, and counts nothing for them: name and birth date must. */
function phoneOf({ contactPhone, saidPhone }: Identified): string | null {
  return contactPhone ?? saidPhone;
}

function indexByPhone(patients: readonly PatientWithPhones[]): Map<string, PatientWithPhones[]> {
  const index = new Map<string, PatientWithPhones[]>();
  for (const patient of patients) {
    for (const phone of patient.phones) index.set(phone, [...(index.get(phone) ?? []), patient]);
  }
  return index;
}
