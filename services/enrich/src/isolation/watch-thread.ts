/** Why a thread is given up. */
export type GivenUp = 'overrun' | 'standstill';

export interface WatchThreadOptions {
  /** CPU time of the thread so far, µs; rejects, or never answers, while it can't say. */
  cpuUsage: () => Promise<{ user: number; system: number }>;
  /** How many events it has begun. */
  begun: () => number;
  /** CPU time that the event at this index may take, ms. */
  budgetOf: (index: number) => number;
  onGivenUp: (why: GivenUp) => void;
  /** Monotonic clock, ms. */
  now: () => number;
}

const lookEveryMs = 100;
/** A look that comes late says that this process was frozen, or busy: no more than this is counted for it. */
const mostPerLookMs = 2 * lookEveryMs;
/** Less CPU time than this between two looks is that of looking. */
const lookingMs = 1;
/** What a thread may need to start, or stand without a cycle of the CPU, on a busy machine. */
const standstillMs = 30_000;

/**
 * Watches a thread at its events. One that has had its CPU time there hangs, however little of the machine it got; one that
 * uses none stands still. Time in which the whole process was frozen counts for neither.
 * @returns ends the watch
 */
export function watchThread({ cpuUsage, begun, budgetOf, onGivenUp, now }: WatchThreadOptions): () => void {
  let at = begun();
  let cpuBefore: number | undefined;
  let spentMs = 0;
  let stillMs = 0;
  let lookedAt = now();
  let isAsking = false;

  function look(): void {
    const since = Math.min(now() - lookedAt, mostPerLookMs);
    lookedAt = now();
    stillMs += since;
    if (begun() !== at) {
      at = begun();
      cpuBefore = undefined;
      spentMs = 0;
      stillMs = 0;
    }
    if (stillMs >= standstillMs) onGivenUp('standstill');
    else if (!isAsking) void ask(at);
  }

  async function ask(asked: number): Promise<void> {
    isAsking = true;
    try {
      const { user, system } = await cpuUsage();
      const cpu = (user + system) / 1_000;
      if (begun() !== asked) return;
      const used = cpuBefore === undefined ? 0 : Math.min(cpu - cpuBefore, mostPerLookMs);
      cpuBefore = cpu;
      if (used < lookingMs) return;
      stillMs = 0;
      spentMs += used;
      if (spentMs >= (asked > 0 ? budgetOf(asked - 1) : standstillMs)) onGivenUp('overrun');
    } catch {
      // It has not started yet, or has ended: whoever waits for its exit knows.
    } finally {
      isAsking = false;
    }
  }

  const timer = setInterval(look, lookEveryMs);
  return () => clearInterval(timer);
}
