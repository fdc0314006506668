import type { Logger } from './logger.ts';
import { createWake } from './wake.ts';

export interface RoundsOptions {
  /** Of the job, for the log and the metrics. */
  name: string;
  /** The longest pause between two rounds, ms. */
  everyMs: number;
  /** One round. One that fails comes again after the pause, after a minute at most. @returns whether there is more to do at once */
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

/** What is done once a day, and failed, would else stand still for another, and be told of by one failure a day. */
const failedPauseMs = 60_000;

/** Does one job again and again until it is stopped. */
export function startRounds({ name, everyMs, work, logger, failures }: RoundsOptions): Rounds {
  const stopping = new AbortController();
  const { signal } = stopping;
  const wake = createWake();
  const ended = (async () => {
    while (!signal.aborted) {
      let pauseMs = everyMs;
      try {
        if (await work(signal)) continue;
      } catch (error) {
        pauseMs = Math.min(everyMs, failedPauseMs);
        failures.inc({ job: name });
        logger.warn({ job: name, error }, 'a job failed and comes again');
      }
      if (!signal.aborted) await wake.wait(pauseMs);
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
