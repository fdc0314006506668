export interface PaceOptions {
  /** In a row that nobody waits for. */
  atOnce: number;
  /** Requests that wait at a time, of all keys; beyond them nobody waits: they are held in memory. */
  mostWaiting: number;
  /** Monotonic, ms. */
  now?(): number;
}

/**
 * Gives each of a key's requests its turn, one behind the other at an even pace, so that what comes in a rush does not go on as
 * one, which all others would wait behind. (The generic cell rate algorithm, that shapes where others refuse.)
 */
export function createPace({ atOnce, mostWaiting, now = () => performance.now() }: PaceOptions) {
  /** When the last of a key's is due. */
  const dueAts = new Map<string, number>();
  let waiting = 0;
  return async function takeTurn(key: string, perSecond: number): Promise<void> {
    const interval = 1_000 / perSecond;
    const at = now();
    const dueAt = Math.max(at - atOnce * interval, dueAts.get(key) ?? Number.NEGATIVE_INFINITY) + interval;
    dueAts.set(key, dueAt);
    // A timer is no finer.
    if (dueAt - at < 1 || waiting >= mostWaiting) return;
    waiting += 1;
    await new Promise((resolve) => setTimeout(resolve, dueAt - at));
    waiting -= 1;
  };
}
