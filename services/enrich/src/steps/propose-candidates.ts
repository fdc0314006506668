import { scoreCandidates } from '@switchboard/domain/matching';
import type { PatientWithPhones } from '@switchboard/postgres/enrich/patients-by-phone';
import type { PatientCandidate } from '@switchboard/schemas';

/** Most candidates proposed of one event, best first. */
const most = 10;

export interface ProposeCandidatesDeps {
  /** All patients of a tenant with any of the phones. @throws retryable while Postgres is away */
  loadPatients: (tenantId: string, phones: readonly string[]) => Promise<PatientWithPhones[]>;
}

/** Whom an event may be of. */
export interface Wanted {
  tenantId: string;
  /** E.164: whose patients are looked at. */
  phone: string | null;
  /** What the candidates are scored by. */
  by: { phone: string | null; name: string | null; dob: string | null };
}

/**
 * The patients that each may be. Postgres away means waiting, since a proposal must not depend on luck; and one query serves
 * all events of a tenant in the batch.
 * @returns in the order of `wanted`
 */
export async function proposeCandidates(
  { loadPatients }: ProposeCandidatesDeps,
  wanted: readonly Wanted[],
): Promise<PatientCandidate[][]> {
  const byTenant = Map.groupBy(wanted, ({ tenantId }) => tenantId);
  const loaded = await Promise.all(
    [...byTenant].map(async ([tenantId, inputs]) => {
      const phones = new Set(inputs.flatMap(({ phone }) => phone ?? []));
      const patients = phones.size > 0 ? await loadPatients(tenantId, [...phones].sort()) : [];
      return [tenantId, indexByPhone(patients)] as const;
    }),
  );
  const byPhone = new Map(loaded);
  return wanted.map(({ tenantId, phone, by }) => {
    const patients = phone === null ? [] : (byPhone.get(tenantId)?.get(phone) ?? []);
    return scoreCandidates(by, patients)
      .slice(0, most)
      .map(({ patientId, score, breakdown }) => ({
        patient_id: patientId,
        score,
        breakdown: JSON.stringify(breakdown),
      }));
  });
}

function indexByPhone(patients: readonly PatientWithPhones[]): Map<string, PatientWithPhones[]> {
  const index = new Map<string, PatientWithPhones[]>();
  for (const patient of patients) {
    for (const phone of patient.phones) index.set(phone, [...(index.get(phone) ?? []), patient]);
  }
  return index;
}
