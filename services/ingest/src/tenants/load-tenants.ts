import type { Logger, Sealer } from '@switchboard/platform';
import type { IngestTenant, IngestTenantReader, SealedSecret } from '@switchboard/postgres/ingest/tenants';
import { createSigningSecret } from '../signatures/secrets.ts';
import type { Tenant, TenantSecret } from './tenant-directory.ts';

export interface LoadTenantsOptions {
  reader: Pick<IngestTenantReader, 'read'>;
  sealer: Pick<Sealer, 'open'>;
  logger: Logger;
}

/** Reads all tenants and unseals their secrets. One that can't be unsealed is left out and logged by its id. */
export function createLoadTenants({ reader, sealer, logger }: LoadTenantsOptions): () => Promise<Tenant[]> {
  const unseal = (tenant: IngestTenant, secrets: readonly SealedSecret[]): TenantSecret[] =>
    secrets.flatMap(({ id, sealed, notAfter }) => {
      try {
        return [{ ...createSigningSecret(id, sealer.open(sealed).toString('utf8')), notAfter }];
      } catch (error) {
        logger.error(
          { error, tenant_id: tenant.tenantId, secret_id: id },
          'a webhook secret cannot be unsealed',
        );
        return [];
      }
    });
  return async function loadTenants() {
    const tenants = await reader.read();
    return tenants.map((tenant) => ({
      id: tenant.tenantId,
      slug: tenant.slug,
      active: tenant.status === 'active',
      webhookModes: new Set(tenant.webhookModes),
      secrets: unseal(tenant, tenant.secrets),
      twilioSecrets: unseal(tenant, tenant.twilioSecrets),
      numbers: tenant.numbers,
      apiKeys: tenant.apiKeys.map((key) => ({ ...key, scopes: new Set(key.scopes) })),
      quotas: tenant.quotas,
    }));
  };
}
