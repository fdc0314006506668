import { isTransient } from '@switchboard/postgres';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import type { TakenEvent } from './changed-call.ts';

/** Writes one tenant's events in one transaction; @returns those of them that were new. */
export type WriteEvents<E> = (
  tenant: TenantSettings,
  events: readonly TakenEvent<E>[],
) => Promise<readonly TakenEvent<E>[]>;

interface Waiting<E> {
  tenant: TenantSettings;
  events: readonly TakenEvent<E>[];
  resolve(written: readonly TakenEvent<E>[]): void;
  reject(error: unknown): void;
}

/**
 * A tenant's writes are serial, and each partition brings events of its own: what comes while a transaction is under way
 * goes into the next one together. So a tenant under load costs fewer and larger transactions, and one without load
 * waits for nobody. When a shared transaction fails, each part is tried by itself: nobody fails for another's event.
 * @param most events in one transaction, unless a single part has more
 */
export function createWriteTogether<E>(write: WriteEvents<E>, most: number): WriteEvents<E> {
  const queues = new Map<string, Waiting<E>[]>();
  return (tenant, events) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly TakenEvent<E>[]>();
    const entry = { tenant, events, resolve, reject };
    const queue = queues.get(tenant.tenantId);
    if (queue) queue.push(entry);
    else {
      const fresh = [entry];
      queues.set(tenant.tenantId, fresh);
      void drain(tenant.tenantId, fresh);
    }
    return promise;
  };

  async function drain(tenantId: string, queue: Waiting<E>[]): Promise<void> {
    while (queue.length > 0) await writeGroup(takeGroup(queue, most));
    queues.delete(tenantId);
  }

  async function writeGroup(group: readonly Waiting<E>[]): Promise<void> {
    const last = group.at(-1);
    if (!last) return;
    try {
      const written = new Set(
        await write(
          last.tenant,
          group.flatMap(({ events }) => events),
        ),
      );
      for (const { events, resolve } of group) resolve(events.filter((event) => written.has(event)));
    } catch (error) {
      // An engine that is away is away for each of them.
      if (group.length === 1 || isTransient(error)) for (const { reject } of group) reject(error);
      else for (const entry of group) await writeGroup([entry]);
    }
  }
}

function takeGroup<E>(queue: Waiting<E>[], most: number): Waiting<E>[] {
  let count = 0;
  const next = queue.findIndex(({ events }, index) => {
    count += events.length;
    return index > 0 && count > most;
  });
  return queue.splice(0, next < 0 ? queue.length : next);
}
