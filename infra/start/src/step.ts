import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '@switchboard/embedded';
import { SwitchboardError } from '@switchboard/platform';

export interface StepOptions {
  say: (line: string) => void;
  /** Breaks it off, and with it what waits between two tries. */
  signal: AbortSignal;
  /** How long what an engine doesn't do at once is tried again, ms; a minute unless told. */
  patienceMs?: number;
  /** Called with the reason when it has failed for good. */
  failed: (error: unknown) => void;
}

/** Does a piece of work and says how long it took. */
export type Step = <T>(what: string, work: () => Promise<T>) => Promise<T>;

const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/**
 * Makes steps. Work that failed and may succeed unchanged, as on an engine that has just started on a busy machine, is
 * tried again for a while; it must be such that it may be done twice.
 */
export function createStep({ say, signal, patienceMs = PATIENCE_MS, failed }: StepOptions): Step {
  const persist = async <T>(what: string, work: () => Promise<T>, deadline: number): Promise<T> => {
    for (;;) {
      signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof SwitchboardError && error.retryable)) throw error;
        if (Date.now() > deadline) throw tooLong(what, patienceMs, error);
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  };
  return async (what, work) => {
    const started = Date.now();
    try {
      const result = await persist(what, work, started + patienceMs);
      say(`${what}: ready (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      return result;
    } catch (error) {
      failed(error);
      throw error;
    }
  };
}

function tooLong(what: string, patienceMs: number, cause: SwitchboardError): StartError {
  return new StartError(
    'process_hung',
    `${what}: not ready within ${patienceMs / 1000} s (${cause.message}). On a slow machine give it longer: npm start -- --patience SECONDS. What the engines say: npm run logs.`,
    { cause },
  );
}
