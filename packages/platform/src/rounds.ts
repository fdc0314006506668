import type { Logger } from './logger.ts';
import { createWake } from './wake.ts';

export interface RoundsOptions {
  /** Of the job, for the log and the metrics. */
  name: string;
  /** The longest pause between two rounds, ms. */
  everyMs: number;
  /** One round. One that fails comes again after the pause. @returns whether there is more to do at once */
  work(signal: AbortSignal): Promise<boolean>;
  logger: Logger;
  failures: { inc(labels: { job: string }): void };
}

export interface Rounds {
  /** Begins the next round now, or right after the one that goes on. */
  wake(): void;
  /** Ends after the round that goes on. */
  stop(): Promise<void>;
}

/** Does one job again and again until it is stopped. */
export function startRounds({ name, everyMs, work, logger, failures }: RoundsOptions): Rounds {
  const stopping = new AbortController();
  const { signal } = stopping;
  const wake = createWake();
  const ended = (async () => {
    while (!signal.aborted) {
      try {
        if (await work(signal)) continue;
      } catch (error) {
        failures.inc({ job: name });
        logger.warn({ job: name, error }, 'a job failed and comes again');
      }
      if (!signal.aborted) await wake.wait(everyMs);
    }
  })();
  return {
    wake: wake.now,
    async stop() {
      stopping.abort();
      wake.now();
      await ended;
    },
  };
}
