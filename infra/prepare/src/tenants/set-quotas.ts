import { type Pool, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { readQuotas, type TenantQuotas, writeQuotas } from '@switchboard/postgres/tenancy/quotas';
import { findTenant } from './find-tenant.ts';

/**
 * Sets what a clinic may use in a minute; null: what the settings say for all. What is not given stays.
 * @returns all of its quotas, as they are now
 * @throws SwitchboardError `tenant_unknown`
 */
export async function setQuotas(
  pool: Pool,
  slug: string,
  change: Partial<TenantQuotas>,
): Promise<TenantQuotas> {
  const { tenant_id: tenantId } = await findTenant(pool, slug);
  return withTenant(pool, tenantId, async (client) => {
    await writeQuotas(client, tenantId, change);
    if (Object.keys(change).length > 0)
      await writeAudit(client, {
        tenantId,
        actorKind: 'system',
        actorId: 'tenant-command',
        action: 'tenant.set_quotas',
        entityKind: 'tenant',
        entityId: tenantId,
        requestId: '',
        details: { ...change },
      });
    return readQuotas(client, tenantId);
  });
}
