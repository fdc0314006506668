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

interface Lane<E> {
  waiting: Waiting<E>[];
  /** Ends the rest between two transactions. */
  wake?: () => void;
}

/** Longest rest between two transactions of a tenant, ms. */
const longestRestMs = 200;

/**
 * A tenant's writes are serial, and each partition brings events of its own: what comes while a transaction is under way
 * goes into the next one together. That begins at once when it is full, and else after a rest as long as the last one
 * took: most of what a small transaction costs is paid once, and others who wait for the tenant's lock, a caller on the
 * phone among them, have it half of the time. So a tenant under load costs fewer and larger transactions, and one without
 * load waits for nobody. When a shared transaction fails, each part is tried by itself: nobody fails for another's event.
 * @param most events in one transaction, unless a single part has more
 * @param mostUnderLoad so many after one that was full: what came at once keeps nobody waiting for long, and what keeps coming is
 * written faster
 */
export function createWriteTogether<E>(
  write: WriteEvents<E>,
  most: number,
  mostUnderLoad = most,
): WriteEvents<E> {
  const lanes = new Map<string, Lane<E>>();
  return (tenant, events) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly TakenEvent<E>[]>();
    const entry = { tenant, events, resolve, reject };
    const lane = lanes.get(tenant.tenantId);
    if (lane) {
      lane.waiting.push(entry);
      if (isFull(lane)) lane.wake?.();
    } else {
      const fresh = { waiting: [entry] };
      lanes.set(tenant.tenantId, fresh);
      void drain(tenant.tenantId, fresh);
    }
    return promise;
  };

  async function drain(tenantId: string, lane: Lane<E>): Promise<void> {
    let wasFull = false;
    while (lane.waiting.length > 0) {
      const begun = performance.now();
      const group: Waiting<E>[] = takeGroup(lane.waiting, wasFull ? mostUnderLoad : most);
      await writeGroup(group);
      // Parts are whole, and seldom come to just as many.
      wasFull = countOf(group) >= most * 0.75;
      if (!isFull(lane)) await rest(lane, Math.min(performance.now() - begun, longestRestMs));
    }
    lanes.delete(tenantId);
  }

  function isFull({ waiting }: Lane<E>): boolean {
    return countOf(waiting) >= most;
  }

  async function rest(lane: Lane<E>, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    lane.wake = resolve;
    await promise;
    clearTimeout(timer);
    delete lane.wake;
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

function countOf<E>(group: readonly Waiting<E>[]): number {
  return group.reduce((count, { events }) => count + events.length, 0);
}

function takeGroup<E>(queue: Waiting<E>[], most: number): Waiting<E>[] {
  let count = 0;
  const next = queue.findIndex(({ events }, index) => {
    count += events.length;
    return index > 0 && count > most;
  });
  return queue.splice(0, next < 0 ? queue.length : next);
}
