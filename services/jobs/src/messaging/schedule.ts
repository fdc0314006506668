const second = 1_000;

/** Pauses of sends, ms. */
export interface SendPauses {
  /** After attempts of which it is certain that nothing was taken. */
  attempts: readonly number[];
  /** Before a message of which nobody knows is looked for the first time, and after each time in vain. */
  looks: readonly number[];
  /** After Twilio could not be asked for one, and while its list does not count yet. */
  unanswered: number;
}

/** Half a day of attempts. Twilio's list mostly shows a message within moments. */
export const sendPauses: SendPauses = {
  attempts: [2, 5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 10_800, 18_000].map((seconds) => seconds * second),
  looks: [2 * second, 5 * second, 15 * second],
  unanswered: 15 * second,
};

/** How long Twilio is asked for a message while it does not answer, or its list can't tell. */
export const givenUpAfterMs = 15 * 60 * second;

/** Who stood still for longer after it marked a message as asked, asks no more: much less than it takes others to send it again. */
export const stoodStillMs = 10 * second;

/** What is random of a pause, so that what failed together does not come back together. */
const jitter = 0.2;

/**
 * When a send is tried again after attempt `attempt` (from 1) was certainly not taken.
 * @returns milliseconds from now; undefined: no more
 */
export function nextAttemptMs(
  { attempts }: SendPauses,
  attempt: number,
  retryAfterMs: number | undefined,
): number | undefined {
  const pause = attempts[attempt - 1];
  if (pause === undefined) return undefined;
  return Math.max(Math.round(pause * (1 + Math.random() * jitter)), retryAfterMs ?? 0);
}

/**
 * @param now Unix ms: while a machine sleeps it goes on, and it may be set back
 * @param steady ms that only go on, and not while a machine sleeps
 * @returns what has passed since by either of them, ms
 */
export function startWatch(now: () => number, steady: () => number = () => performance.now()): () => number {
  const [begun, begunSteady] = [now(), steady()];
  return () => Math.max(now() - begun, steady() - begunSteady);
}
