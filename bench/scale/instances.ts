import type { ManagedProcess } from '@switchboard/embedded';
import type { ServiceName, Switchboard } from '@switchboard/start';

/** So many processes of one service, each with partitions or shards of its own. */
export interface Instances {
  /** By `NAME 1`, `NAME 2`, … */
  pids(): Record<string, number>;
  /** @throws Error when one of them has ended by itself: figures would be those of fewer */
  assertAll(): void;
  stop(): Promise<void>;
}

/** Starts `count` of a service that is held: the one of the supervisor, and others that join it. */
export async function startInstances(
  running: Switchboard,
  name: ServiceName,
  count: number,
): Promise<Instances> {
  await running.release(name);
  const joined: ManagedProcess[] = [];
  while (joined.length < count - 1) joined.push(await running.join(name));
  const first = running.pid(name);
  let [gone, stopping] = [false, false];
  for (const { exited } of joined)
    void exited.then(() => {
      gone ||= !stopping;
    });
  return {
    pids: () =>
      Object.fromEntries([
        [`${name} 1`, first],
        ...joined.map(({ pid }, index) => [`${name} ${index + 2}`, pid]),
      ]),
    assertAll() {
      if (gone || running.pid(name) !== first) throw new Error(`one of ${count} ${name} ended by itself`);
    },
    async stop() {
      stopping = true;
      await Promise.all([running.hold(name), ...joined.map((one) => one.stop())]);
    },
  };
}
