const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Pauses between attempts: nine attempts in about two days, in which a vendor's outage and a clinic's settings are mended. */
const pausesMs = [10 * second, 1 * minute, 5 * minute, 30 * minute, 2 * hour, 6 * hour, 12 * hour, 24 * hour];

/** More attempts than have a pause behind them and a last one were begun by processes that died. */
export const mostFetches = pausesMs.length + 1;

/** What is random of a pause, so that what failed together does not come back together. */
const jitter = 0.2;

/**
 * When a fetch is tried again after attempt `attempt` (from 1) failed.
 * @returns milliseconds from now; undefined: no more
 */
export function nextFetchPause(attempt: number): number | undefined {
  const pause = pausesMs[attempt - 1];
  return pause === undefined ? undefined : Math.round(pause * (1 + Math.random() * jitter));
}
