import { type Client, lockTenant, type Pool, withTenant } from '@switchboard/postgres';
import { type AuditEntry, writeAudit } from '@switchboard/postgres/api/audit';
import type { FastifyRequest } from 'fastify';
import { auditedBy, callerOf, userOf } from '../plugins/authenticate.ts';

type Work<T> = (client: Client, tenantId: string) => Promise<T>;

/** Reads settings, and audits that somebody looked. */
export function lookAtSettings<T>(pool: Pool, request: FastifyRequest, read: Work<T>): Promise<T> {
  const { tenantId } = callerOf(request);
  return withTenant(pool, tenantId, async (client) => {
    await writeAudit(client, { ...auditedBy(request), action: 'settings.view' });
    return read(client, tenantId);
  });
}

/**
 * Changes under the clinic's lock what slots are made from: nothing is booked between the change and the look at what stands in
 * the way.
 * @param audited without `settings.`
 */
export function changeUnderLock<T>(
  pool: Pool,
  request: FastifyRequest,
  { action, ...audited }: Pick<AuditEntry, 'action' | 'entityKind' | 'entityId' | 'details'>,
  work: Work<T>,
): Promise<T> {
  const { tenantId } = userOf(request);
  return withTenant(pool, tenantId, async (client) => {
    await lockTenant(client, tenantId);
    const result = await work(client, tenantId);
    await writeAudit(client, { ...auditedBy(request), ...audited, action: `settings.${action}` });
    return result;
  });
}
