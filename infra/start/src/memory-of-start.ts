import { memoryOf } from '@switchboard/embedded';

/** What a running start holds in memory, bytes, by proportional set sizes. */
export interface StartMemory {
  /** Of the start and of all it has started; `undefined` where the system doesn't tell. */
  total: number | undefined;
  /** Of each named process with those below it, and of `start` itself with its helpers. */
  byName: Map<string, number | undefined>;
}

/** Memory of a start and its processes, as `readRunning` tells of them. */
export function memoryOfStart({
  pid,
  processes,
}: {
  pid: number;
  processes: ReadonlyArray<{ name: string; pid: number }>;
}): StartMemory {
  const { pss: total } = memoryOf(pid);
  const named = processes.map(({ name, pid: one }) => [name, memoryOf(one).pss] as const);
  const rest = named.reduce((sum, [, pss]) => sum - (pss ?? 0), total ?? 0);
  return {
    total,
    byName: new Map([...named, ['start', total === undefined ? undefined : Math.max(0, rest)]]),
  };
}
