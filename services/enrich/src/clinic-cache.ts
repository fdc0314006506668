import type { Clinic } from '@switchboard/postgres/enrich/clinics';

export interface ClinicCacheOptions {
  load: (tenantIds: readonly string[]) => Promise<ReadonlyMap<string, Clinic>>;
  /** How old a clinic's settings may be, ms. */
  maxAgeMs: number;
  /** Milliseconds that only grow. */
  now: () => number;
}

/** Keeps clinics for a while. One that is not there is looked up each time: it may have just been made. */
export function createClinicCache({ load, maxAgeMs, now }: ClinicCacheOptions) {
  const held = new Map<string, { clinic: Clinic; at: number }>();
  return async function findClinics(tenantIds: readonly string[]): Promise<ReadonlyMap<string, Clinic>> {
    const oldest = now() - maxAgeMs;
    const missing = tenantIds.filter((id) => (held.get(id)?.at ?? Number.NEGATIVE_INFINITY) <= oldest);
    if (missing.length > 0) {
      const loaded = await load(missing);
      const at = now();
      for (const id of missing) {
        const clinic = loaded.get(id);
        if (clinic) held.set(id, { clinic, at });
        else held.delete(id);
      }
    }
    return new Map(
      tenantIds.flatMap((id) => {
        const entry = held.get(id);
        return entry ? [[id, entry.clinic] as const] : [];
      }),
    );
  };
}
