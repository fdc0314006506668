export interface PaceOptions {
  /** In a row that nobody waits for. */
  atOnce: number;
  /** The longest wait, ms: what would wait longer goes on at once. */
  longestMs: number;
  /** Monotonic, ms. */
  now?(): number;
}

/**
 * Gives each of a key's requests its turn, one behind the other at an even pace, so that what comes in a rush does not go on as
 * one, which all others would wait behind. (The generic cell rate algorithm, that shapes where others refuse.)
 */
export function createPace({ atOnce, longestMs, now = () => performance.now() }: PaceOptions) {
  /** When the last of a key's is due. */
  const dueAts = new Map<string, number>();
  return async function takeTurn(key: string, perSecond: number): Promise<void> {
    const interval = 1_000 / perSecond;
    const at = now();
    const first = at - atOnce * interval;
    const dueAt = Math.max(first, dueAts.get(key) ?? first) + interval;
    if (dueAt - at > longestMs) return;
    dueAts.set(key, dueAt);
    // A timer is no finer.
    if (dueAt - at >= 1) await new Promise((resolve) => setTimeout(resolve, dueAt - at));
  };
}
