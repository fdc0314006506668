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

/** So long before the deadline an answer is sent at the latest, though its time would tell something, ms. */
const marginMs = 50;

/**
 * How long an answer waits, ms, so that the work took a multiple of a step. Of what took very long, the time tells of something
 * else; and what is done must be said in time.
 * @param workBegun when the work began, by `performance.now()`
 * @param begun when the request came, by `performance.now()`
 */
export function untilEven(workBegun: number, stepMs: number, begun: number, now = performance.now()): number {
  const spent = now - workBegun;
  if (stepMs === 0 || spent > deadlineMs / 2) return 0;
  const left = deadlineMs - marginMs - (now - begun);
  return Math.max(0, Math.min(Math.ceil(spent / stepMs) * stepMs - spent, left));
}
