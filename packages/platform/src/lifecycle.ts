import { SwitchboardError } from './errors.ts';
import type { Logger } from './logger.ts';
import { sleep } from './retry.ts';

type Stop = () => Promise<void> | void;

export interface Lifecycle {
  /**
   * Runs `start`; the `stop` it returns is called by {@link Lifecycle.stop}, last started first. A failed start stops
   * what stands.
   * @throws what `start` throws; SwitchboardError `stopping` after `stop` was called
   */
  start<T>(name: string, start: () => Promise<Started<T>> | Started<T>): Promise<T>;
  /** Stops what stands. A start that is under way is awaited for a moment, and that part is stopped first. */
  stop(): Promise<void>;
}

export interface Started<T> {
  value: T;
  stop?: Stop;
}

export interface LifecycleOptions {
  logger: Logger;
  /** How long `stop` waits for a start under way: one that waits for an engine may never end. */
  startGraceMs?: number;
}

/** Starts parts in order and stops them in reverse. Stopping twice is stopping once. */
export function createLifecycle({ logger, startGraceMs = 2_000 }: LifecycleOptions): Lifecycle {
  const parts: { name: string; stop: Stop }[] = [];
  let stopping: Promise<void> | undefined;
  let starting: Promise<unknown> = Promise.resolve();

  async function startPart<T>(name: string, start: () => Promise<Started<T>> | Started<T>): Promise<T> {
    try {
      const { value, stop } = await start();
      if (!stopping) {
        if (stop) parts.push({ name, stop });
        return value;
      }
      if (stop) await stopPart({ name, stop });
    } catch (error) {
      if (!stopping) {
        logger.error({ part: name, error }, 'part did not start');
        await stopAll();
      }
      throw error;
    }
    throw stoppingError(name);
  }

  async function stopPart(part: { name: string; stop: Stop }): Promise<void> {
    try {
      await part.stop();
      logger.debug({ part: part.name }, 'stopped');
    } catch (error) {
      logger.error({ part: part.name, error }, 'part did not stop cleanly');
    }
  }

  async function stopAll(): Promise<void> {
    for (const part of parts.splice(0).reverse()) await stopPart(part);
  }

  async function stopAfterStart(): Promise<void> {
    const waited = new AbortController();
    await Promise.race([starting, sleep(startGraceMs, waited.signal)]);
    waited.abort();
    await stopAll();
  }

  return {
    start(name, start) {
      if (stopping) return Promise.reject(stoppingError(name));
      const begun = startPart(name, start);
      starting = Promise.allSettled([starting, begun]);
      return begun;
    },
    stop() {
      stopping ??= stopAfterStart();
      return stopping;
    },
  };
}

function stoppingError(name: string): SwitchboardError {
  return new SwitchboardError('stopping', `${name} is not started, since all is being stopped`);
}
