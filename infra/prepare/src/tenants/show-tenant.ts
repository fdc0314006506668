import { type Pool, withTenant } from '@switchboard/postgres';
import { listApiKeys } from '@switchboard/postgres/api/api-keys';
import { listWebhookSecrets, readSettings } from '@switchboard/postgres/api/settings';
import { listUsers } from '@switchboard/postgres/api/users';
import { readQuotas } from '@switchboard/postgres/tenancy/quotas';
import { listTenantNumbers } from '@switchboard/postgres/tenancy/tenants';
import { findTenant } from './find-tenant.ts';

/** What is known of a clinic but its secrets, by the names of the API. @throws SwitchboardError `tenant_unknown` */
export async function showTenant(pool: Pool, slug: string) {
  const tenant = await findTenant(pool, slug);
  const id = tenant.tenant_id;
  return withTenant(pool, id, async (client) => ({
    id,
    slug,
    name: tenant.name,
    status: tenant.status,
    time_zone: tenant.time_zone,
    country: tenant.country,
    created_at: tenant.created_at.toISOString(),
    webhook_modes: (await readSettings(client, id))?.webhook_modes ?? [],
    webhook_secrets: (await listWebhookSecrets(client, id)).map(({ kind, not_after }) => ({
      kind,
      not_after: not_after?.toISOString() ?? null,
    })),
    quotas: await readQuotas(client, id),
    numbers: await listTenantNumbers(client, id),
    owners: (await listUsers(client, id))
      .filter(({ role }) => role === 'owner')
      .map(({ email, display_name, status }) => ({ email, display_name, status })),
    api_keys: (await listApiKeys(client, id)).map(({ key_id, name, scopes, expires_at, revoked_at }) => ({
      prefix: `sb_${key_id}_`,
      name,
      scopes,
      expires_at: expires_at?.toISOString() ?? null,
      revoked_at: revoked_at?.toISOString() ?? null,
    })),
  }));
}
