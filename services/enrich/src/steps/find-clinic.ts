import { isUuid } from '@switchboard/domain/ids';
import type { Clinic } from '@switchboard/postgres/enrich/clinics';
import type { Decoded, Placed } from '../events.ts';
import { deadLetter, ok, type Step } from '../pipeline/results.ts';

export interface FindClinicDeps {
  /** Clinics among the tenants that exist. @throws retryable while Postgres is away */
  findClinics: (tenantIds: readonly string[]) => Promise<ReadonlyMap<string, Clinic>>;
}

/** Adds zone, region and practitioners of the event's clinic. */
export function createFindClinicStep<E extends { tenant_id: string }>({
  findClinics,
}: FindClinicDeps): Step<Decoded<E>, Placed<E>> {
  return async function findClinic(decoded) {
    const wanted = new Set(decoded.map(({ event }) => event.tenant_id).filter(isUuid));
    const clinics = await findClinics([...wanted]);
    return decoded.map((input) => {
      const clinic = clinics.get(input.event.tenant_id);
      return clinic ? ok({ ...input, clinic }) : deadLetter('unknown_tenant');
    });
  };
}
