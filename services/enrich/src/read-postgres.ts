import { SwitchboardError } from '@switchboard/platform';
import { isTransient, type Pool } from '@switchboard/postgres';
import { type Clinic, loadClinics } from '@switchboard/postgres/enrich/clinics';
import { loadPatientsByPhone, type PatientWithPhones } from '@switchboard/postgres/enrich/patients-by-phone';

export interface Reader {
  loadClinics(tenantIds: readonly string[]): Promise<Map<string, Clinic>>;
  loadPatients(tenantId: string, phones: readonly string[]): Promise<PatientWithPhones[]>;
  check(): Promise<void>;
}

/** All that enrichment reads of Postgres. What it throws while Postgres can't serve is retryable. */
export function createReader(pool: Pool): Reader {
  return {
    loadClinics: (tenantIds) => orRetry(() => loadClinics(pool, tenantIds)),
    loadPatients: (tenantId, phones) => orRetry(() => loadPatientsByPhone(pool, tenantId, phones)),
    async check() {
      await orRetry(() => pool.query('SELECT 1'));
    },
  };
}

async function orRetry<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SwitchboardError || !isTransient(error)) throw error;
    throw new SwitchboardError('postgres_unavailable', 'Postgres could not serve enrichment', {
      retryable: true,
      cause: error,
    });
  }
}
