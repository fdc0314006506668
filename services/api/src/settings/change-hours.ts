import { RequestProblem } from '@switchboard/platform/problem';
import { type Client, lockTenant, type Pool, withTenant } from '@switchboard/postgres';
import { type AuditEntry, writeAudit } from '@switchboard/postgres/api/audit';
import { listLocations } from '@switchboard/postgres/api/clinic-places';
import type { FastifyRequest } from 'fastify';
import { auditedBy, userOf } from '../plugins/authenticate.ts';

/**
 * Changes hours under the clinic's lock: nothing is booked between the change and the count of what stands in the way.
 * @param audited without `settings.`
 */
export async function changeHours<T>(
  pool: Pool,
  request: FastifyRequest,
  { action, ...audited }: Pick<AuditEntry, 'action' | 'entityKind' | 'entityId' | 'details'>,
  work: (client: Client, tenantId: string) => Promise<T>,
): Promise<T> {
  const { tenantId } = userOf(request);
  return withTenant(pool, tenantId, async (client) => {
    await lockTenant(client, tenantId);
    const result = await work(client, tenantId);
    await writeAudit(client, { ...auditedBy(request), ...audited, action: `settings.${action}` });
    return result;
  });
}

/** @throws RequestProblem 422, naming each that is no location of the clinic */
export async function checkLocations(
  client: Client,
  tenantId: string,
  named: readonly { location: string; id: string | null }[],
): Promise<void> {
  const known = new Set((await listLocations(client, tenantId)).map(({ id }) => id));
  const unknown = named.filter(({ id }) => id !== null && !known.has(id));
  if (unknown.length === 0) return;
  throw new RequestProblem(422, 'invalid_request', 'The request has values that cannot be used.', {
    errors: unknown.map(({ location }) => ({
      location,
      message: 'is no location of the clinic',
      fix: 'an `id` of `GET /api/v1/settings/locations`',
    })),
  });
}
