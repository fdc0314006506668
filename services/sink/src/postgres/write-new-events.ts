import { type Client, lockTenant, type Pool, withTenant } from '@switchboard/postgres';
import { takeNewEvents } from '@switchboard/postgres/pipeline/inbox';

/**
 * Writes a tenant's events in one transaction under the tenant's lock, with their marks as taken: those that were taken
 * before do nothing, here or in an earlier batch.
 * @param write not called when there is nothing new
 * @returns those of the events that were new
 */
export function writeNewEvents<E>(
  pool: Pool,
  tenantId: string,
  events: readonly E[],
  idOf: (event: E) => string,
  write: (client: Client, fresh: readonly E[]) => Promise<void>,
): Promise<readonly E[]> {
  return withTenant(pool, tenantId, async (client) => {
    await lockTenant(client, tenantId);
    const taken = await takeNewEvents(client, tenantId, events.map(idOf));
    // Deleting as it goes: a repeat inside the batch is no second event.
    const fresh = events.filter((event) => taken.delete(idOf(event)));
    if (fresh.length > 0) await write(client, fresh);
    return fresh;
  });
}
