import { cpus } from 'node:os';

/** Seconds. */
export interface Held {
  passed: number;
  /** Of a processor, by the process. */
  worked: number;
  /** In which the machine had nothing to do. */
  idle: number;
}

/**
 * How long something is held up by a process, whatever else keeps the machine busy: who holds it works or waits meanwhile.
 * @param metrics of the process, in Prometheus' text format
 * @returns what to call when it goes on
 */
export async function startHold(metrics: () => Promise<string>): Promise<() => Promise<Held>> {
  const look = async (): Promise<Held> => ({
    passed: performance.now() / 1_000,
    worked: Number(/^process_cpu_seconds_total\S* (\S+)$/m.exec(await metrics())?.[1]),
    idle: cpus().reduce((sum, { times }) => sum + times.idle, 0) / cpus().length / 1_000,
  });
  const before = await look();
  return async () => {
    const after = await look();
    return {
      passed: after.passed - before.passed,
      worked: after.worked - before.worked,
      idle: after.idle - before.idle,
    };
  };
}
