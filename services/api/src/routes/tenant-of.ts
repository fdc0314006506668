import { RequestProblem } from '@switchboard/platform/problem';
import type { Queryable } from '@switchboard/postgres';
import { loadTenantSettings, type TenantSettings } from '@switchboard/postgres/tenants';

/** The settings of a caller's tenant. @throws RequestProblem 401: it was removed meanwhile */
export async function tenantOf(client: Queryable, tenantId: string): Promise<TenantSettings> {
  const tenant = (await loadTenantSettings(client, [tenantId])).get(tenantId);
  if (!tenant) throw new RequestProblem(401, 'not_authenticated', 'Log in, or send a valid API key.');
  return tenant;
}
