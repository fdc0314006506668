import { orRetry, type Pool } from '@switchboard/postgres';
import { type Clinic, loadClinics } from '@switchboard/postgres/enrich/clinics';
import { loadPatientsByPhone, type PatientWithPhones } from '@switchboard/postgres/enrich/patients-by-phone';

export interface Reader {
  loadClinics(tenantIds: readonly string[]): Promise<Map<string, Clinic>>;
  loadPatients(tenantId: string, phones: readonly string[]): Promise<PatientWithPhones[]>;
}

const failed = 'Postgres could not serve enrichment';

/** All that enrichment reads of Postgres. What it throws while Postgres can't serve is retryable. */
export function createReader(pool: Pool): Reader {
  return {
    loadClinics: (tenantIds) => orRetry(failed, () => loadClinics(pool, tenantIds)),
    loadPatients: (tenantId, phones) => orRetry(failed, () => loadPatientsByPhone(pool, tenantId, phones)),
  };
}
