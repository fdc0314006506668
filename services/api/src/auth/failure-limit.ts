export interface FailureLimitOptions {
  /** How many attempts may fail in a window. */
  max: number;
  windowMs: number;
  now(): number;
  maxKeys?: number;
}

export interface FailureLimit {
  /**
   * Waits until the attempt may be made: while as many are under way as may still fail, it may not yet.
   * @returns what ends it, or how long all further ones are refused, milliseconds
   */
  begin(key: string): Promise<{ end(failed: boolean): void } | { refusedForMs: number }>;
}

interface Attempts {
  failed: number;
  until: number;
  underWay: number;
  waiting: (() => void)[];
}

/** Counts failures only, so that a clinic whose staff all log in at nine from one address is locked out by nobody. */
export function createFailureLimit(options: FailureLimitOptions): FailureLimit {
  const { max, windowMs, now, maxKeys = 100_000 } = options;
  const known = new Map<string, Attempts>();
  return {
    async begin(key) {
      let attempts = attemptsOf(key);
      for (;;) {
        if (now() >= attempts.until) {
          attempts.failed = 0;
          attempts.until = now() + windowMs;
        }
        if (attempts.failed >= max) return { refusedForMs: attempts.until - now() };
        if (attempts.failed + attempts.underWay < max) break;
        const { waiting } = attempts;
        await new Promise<void>((resolve) => waiting.push(resolve));
        attempts = attemptsOf(key);
      }
      const begun = attempts;
      begun.underWay += 1;
      return {
        end(failed) {
          begun.underWay -= 1;
          if (failed) begun.failed += 1;
          for (const wake of begun.waiting.splice(0)) wake();
          if (begun.failed === 0 && begun.underWay === 0) known.delete(key);
        },
      };
    },
  };

  function attemptsOf(key: string): Attempts {
    const attempts = known.get(key) ?? { failed: 0, until: now() + windowMs, underWay: 0, waiting: [] };
    known.set(key, attempts);
    if (known.size > maxKeys) dropOld();
    return attempts;
  }

  /** What is over first; then the oldest that nobody uses. */
  function dropOld(): void {
    for (const isDroppable of [({ until }: Attempts) => now() >= until, () => true]) {
      for (const [key, attempts] of known) {
        if (known.size <= maxKeys) return;
        if (attempts.underWay === 0 && attempts.waiting.length === 0 && isDroppable(attempts))
          known.delete(key);
      }
    }
  }
}
