export interface Wake {
  /** Ends the wait that goes on, or the next one before it begins. */
  now(): void;
  /** Waits until woken, `ms` at most. */
  wait(ms: number): Promise<void>;
}

/** A wake-up call that is not lost when nobody waits yet. */
export function createWake(): Wake {
  let pending = false;
  let resume: (() => void) | undefined;
  return {
    now() {
      pending = true;
      resume?.();
    },
    async wait(ms) {
      if (!pending) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          resume = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        resume = undefined;
      }
      pending = false;
    },
  };
}
