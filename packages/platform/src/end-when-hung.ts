import inspector from 'node:inspector';
import { Worker } from 'node:worker_threads';

export interface EndWhenHungOptions {
  /** Told when nobody looks any more, and why. */
  onError?: (error: unknown) => void;
  /** How long the main thread may be away from its event loop, ms. */
  patienceMs?: number;
  /** How often it is looked, ms. */
  everyMs?: number;
}

/**
 * Ends the process, as a signal would, when its main thread hangs: an endless loop answers nobody and lets nobody else have
 * its partitions' events, and only who begins anew finds the event that it hangs in. A process that is frozen or short of a
 * processor is not taken for hung: the thread that looks is so with it. Nobody looks over a debugger's shoulder.
 */
export function endWhenHung({
  patienceMs = 30_000,
  everyMs = 1_000,
  onError,
}: EndWhenHungOptions = {}): void {
  if (inspector.url() !== undefined) return;
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  setInterval(() => Atomics.add(beats, 0, 1), everyMs / 2).unref();
  const worker = new Worker(new URL('./look-for-hang.js', import.meta.url), {
    workerData: { beats, everyMs, looks: Math.ceil(patienceMs / everyMs) },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
    // What else a process is told to load is not for this thread.
    execArgv: [],
    env: {},
  });
  // Unheard it would end the process that is well.
  worker.on('error', (error) => onError?.(error));
  worker.unref();
}
