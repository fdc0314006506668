import type { Logger } from './logger.ts';

type Stop = () => Promise<void> | void;

export interface Lifecycle {
  /** Runs `start`; what it returns is called by {@link Lifecycle.stop}, last started first. A failed start stops what stands. */
  start<T>(name: string, start: () => Promise<Started<T>> | Started<T>): Promise<T>;
  stop(): Promise<void>;
}

export interface Started<T> {
  value: T;
  stop?: Stop;
}

export interface LifecycleOptions {
  logger: Logger;
}

/** Starts parts in order and stops them in reverse. Stopping twice is stopping once. */
export function createLifecycle({ logger }: LifecycleOptions): Lifecycle {
  const parts: { name: string; stop: Stop }[] = [];
  let stopping: Promise<void> | undefined;

  const stopAll = async () => {
    for (const part of parts.splice(0).reverse()) {
      try {
        await part.stop();
        logger.debug({ part: part.name }, 'stopped');
      } catch (error) {
        logger.error({ part: part.name, error }, 'part did not stop cleanly');
      }
    }
  };

  return {
    async start(name, start) {
      try {
        const { value, stop } = await start();
        if (stop) parts.push({ name, stop });
        return value;
      } catch (error) {
        logger.error({ part: name, error }, 'part did not start');
        await stopAll();
        throw error;
      }
    },
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
  };
}
