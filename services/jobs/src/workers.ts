import type { Lifecycle } from '@switchboard/platform';

interface Worker {
  /** Begins nothing more, and resolves when what is under way has ended; as often as it is called. */
  stop(): Promise<void>;
}

export interface Workers {
  /** Starts a worker as a part of the process. */
  start<W extends Worker>(name: string, start: () => W): Promise<W>;
  /** To be called when all are started. What is started later is stopped before them. */
  allStarted(): Promise<void>;
}

/**
 * Workers that are told to stop all at once, before any of them is waited for: while one ends what is under way, the others
 * begin nothing that could outlive the process.
 */
export function createWorkers(lifecycle: Pick<Lifecycle, 'start'>): Workers {
  const started: Worker[] = [];
  return {
    start: (name, start) =>
      lifecycle.start(name, () => {
        const value = start();
        started.push(value);
        return { value, stop: () => value.stop() };
      }),
    allStarted: () =>
      lifecycle.start('workers', () => ({
        value: undefined,
        stop: async () => void (await Promise.allSettled(started.map((worker) => worker.stop()))),
      })),
  };
}
