import { setTimeout as wait } from 'node:timers/promises';

/** A voice waits no longer. Below the contract's four seconds, which the way back is part of. */
export const deadlineMs = 3_600;

/**
 * What comes first: the work, or `late` when the deadline is over. The work is not ended by it.
 * @param begun when the request came, by `performance.now()`
 */
export async function byDeadline<T>(begun: number, work: Promise<T>, late: () => T): Promise<T> {
  const ended = new AbortController();
  const left = Math.max(0, deadlineMs - (performance.now() - begun));
  // Rejects only once the work has won.
  const over = wait(left, undefined, { signal: ended.signal }).then(late);
  over.catch(() => undefined);
  try {
    return await Promise.race([work, over]);
  } finally {
    ended.abort();
  }
}
