import type { ServiceName, Switchboard } from '@switchboard/start';

/** So many processes of one service, each with partitions or shards of its own. */
export interface Instances {
  /** By `NAME 1`, `NAME 2`, … */
  pids(): Record<string, number>;
  stop(): Promise<void>;
}

/** Starts `count` of a service that is held: the one of the supervisor, and others that join it. */
export async function startInstances(
  running: Switchboard,
  name: ServiceName,
  count: number,
): Promise<Instances> {
  await running.release(name);
  const joined = await Promise.all(Array.from({ length: count - 1 }, () => running.join(name)));
  return {
    pids: () =>
      Object.fromEntries([
        [`${name} 1`, running.pid(name)],
        ...joined.map(({ pid }, index) => [`${name} ${index + 2}`, pid]),
      ]),
    async stop() {
      await Promise.all([running.hold(name), ...joined.map((one) => one.stop())]);
    },
  };
}
