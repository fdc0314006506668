import { SwitchboardError } from '@switchboard/platform';
import type { Pool } from '@switchboard/postgres';
import { listTenants, type TenantRow } from '@switchboard/postgres/tenancy/tenants';

/** @throws SwitchboardError `tenant_unknown`, which says which there are */
export async function findTenant(pool: Pool, slug: string): Promise<TenantRow> {
  const tenants = await listTenants(pool);
  const tenant = tenants.find((one) => one.slug === slug);
  if (tenant) return tenant;
  const known = tenants.map((one) => one.slug).join(', ') || 'none';
  throw new SwitchboardError('tenant_unknown', `there is no clinic ${slug}; there are: ${known}`);
}
