import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf } from '@switchboard/embedded';

/** Processor time and memory of a process and all below it: Postgres serves each connection by one. */
interface Usage {
  /** User and system time since they began, ms. */
  cpuMs: number;
  /** Sum of proportional set sizes, MiB. */
  pssMib: number;
}

/** Linux counts processor time in ticks of this length, ms (`getconf CLK_TCK` is 100 everywhere). */
const TICK_MS = 10;
const MIB = 1_048_576;

export function usageOf(pid: number): Usage {
  const { pss = 0, processes } = memoryOf(pid);
  return { cpuMs: processes.reduce((sum, one) => sum + cpuMsOf(one.pid), 0), pssMib: pss / MIB };
}

/**
 * What a process worked, and what those below it did that have ended: Postgres's connections come and go. 0 of one that has ended.
 * @see `man 5 proc_pid_stat`: utime, stime, cutime and cstime are fields 14 to 17, after the command in brackets
 */
function cpuMsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS;
  } catch {
    return 0;
  }
}

export interface UsageWatch {
  /** Highest memory seen by name, MiB. */
  peaks(): Record<string, number>;
  /** Processor time by name since the watch began, ms. */
  cpuMs(): Record<string, number>;
  stop(): Promise<void>;
}

const PAUSE_MS = 500;

/** Looks at processes again and again. @param pids by name; asked anew each time, so that a restarted one is followed */
export function watchUsage(pids: () => Record<string, number>): UsageWatch {
  const begun = snapshot(pids());
  const peaks: Record<string, number> = {};
  let cpu: Record<string, number> = {};
  const ended = new AbortController();
  const look = () => {
    const now = snapshot(pids());
    for (const [name, { cpuMs, pssMib }] of Object.entries(now)) {
      peaks[name] = Math.max(peaks[name] ?? 0, Math.round(pssMib));
      // A process that began after the watch counts from its beginning.
      cpu = { ...cpu, [name]: Math.max(cpu[name] ?? 0, cpuMs - (begun[name]?.cpuMs ?? 0)) };
    }
  };
  const watching = (async () => {
    while (!ended.signal.aborted) {
      look();
      await sleep(PAUSE_MS, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  })();
  return {
    peaks: () => peaks,
    cpuMs() {
      look();
      return cpu;
    },
    async stop() {
      ended.abort();
      await watching;
    },
  };
}

function snapshot(pids: Record<string, number>): Record<string, Usage> {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, usageOf(pid)]));
}
