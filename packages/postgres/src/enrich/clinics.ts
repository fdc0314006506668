import { type Pool, withTenant } from '../pool.ts';
import { loadTenantSettings } from '../tenants.ts';

/** What enrichment needs to know of a tenant. */
export interface Clinic {
  tenantId: string;
  /** IANA name. */
  timeZone: string;
  /** ISO 3166-1 alpha-2: the region of phone numbers without a country code. */
  country: string;
  practitioners: readonly { id: string; name: string; specialty: string | null }[];
}

/** Clinics among `tenantIds` that exist, with their active practitioners in a fixed order. */
export async function loadClinics(pool: Pool, tenantIds: readonly string[]): Promise<Map<string, Clinic>> {
  const settings = await loadTenantSettings(pool, tenantIds);
  const clinics = await Promise.all(
    [...settings.values()].map(async ({ tenantId, timeZone, country }) => {
      const practitioners = await loadPractitioners(pool, tenantId);
      return { tenantId, timeZone, country, practitioners };
    }),
  );
  return new Map(clinics.map((clinic) => [clinic.tenantId, clinic]));
}

async function loadPractitioners(pool: Pool, tenantId: string): Promise<Clinic['practitioners']> {
  return withTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ id: string; name: string; specialty: string | null }>(
      'SELECT id, display_name AS name, specialty FROM practitioners WHERE tenant_id = $1 AND active ORDER BY id',
      [tenantId],
    );
    return rows;
  });
}
