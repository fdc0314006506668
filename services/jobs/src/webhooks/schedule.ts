const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Pauses between attempts as Standard Webhooks proposes them: ten attempts in a little more than three days. */
const pausesMs = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** What is random of a pause, so that what failed together does not come back together. */
const jitter = 0.2;

/** An endpoint that has taken nothing for so long is paused. */
export const pauseAfterMs = 72 * hour;

const longestWaitMs = 24 * hour;

/**
 * When a delivery is tried again after attempt `attempts` (from 1) failed.
 * @returns milliseconds from now; undefined: no more
 */
export function nextPause(attempts: number): number | undefined {
  const pause = pausesMs[attempts - 1];
  return pause === undefined ? undefined : Math.round(pause * (1 + Math.random() * jitter));
}

/**
 * What a `Retry-After` asks for: seconds, or a date.
 * @returns milliseconds from `nowMs`, a day at most; undefined when it asks for nothing that can be read
 */
export function readRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const wait = /^\d+$/.test(text) ? Number(text) * second : Date.parse(text) - nowMs;
  return Number.isNaN(wait) || wait <= 0 ? undefined : Math.min(wait, longestWaitMs);
}
