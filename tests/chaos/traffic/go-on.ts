import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Begins work at a fixed pace, however long each takes (an open loop), until the time is up.
 * @returns when all that was begun has ended
 * @throws what the first work threw that failed
 */
export async function goOn(
  { everyMs, forMs, ended }: { everyMs: number; forMs: number; ended?: AbortSignal | undefined },
  work: (index: number) => Promise<void>,
): Promise<void> {
  const begunAt = performance.now();
  const begun: Promise<void>[] = [];
  for (let index = 0; index * everyMs < forMs && !ended?.aborted; index += 1) {
    const waitMs = begunAt + index * everyMs - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    const one = work(index);
    // Looked at below: until then it is no unhandled rejection.
    one.catch(() => undefined);
    begun.push(one);
  }
  await Promise.all(begun);
}

/** What a store answers, which may be away just now. */
export async function whenThere<T>(read: () => Promise<T | undefined>, patienceMs = 300_000): Promise<T> {
  const begunAt = performance.now();
  for (;;) {
    const found = await read().catch(() => undefined);
    if (found !== undefined) return found;
    const waitedMs = performance.now() - begunAt;
    if (waitedMs > patienceMs) throw new Error('what was waited for never came');
    // Hundreds who look for what is late would make it later.
    await sleep(Math.min(3_000, 300 + waitedMs / 10));
  }
}
