import { setTimeout as delay } from 'node:timers/promises';

/** Waits `ms`; ends early, without an error, when the signal is aborted. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

export interface BackoffOptions {
  baseMs: number;
  maxMs: number;
}

/** Milliseconds before attempt `attempt` (from 1): exponential, half of it random, so that many do not come at once. */
export function backoff(attempt: number, { baseMs, maxMs }: BackoffOptions): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return full / 2 + (Math.random() * full) / 2;
}
