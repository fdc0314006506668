import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessName, ServiceName, Switchboard } from '@switchboard/start';
import { serviceNames } from '@switchboard/start';
import type { PlannedKill } from './kill-plan.ts';

/** A kill that was made, and what became of it. */
export interface Kill {
  process: ProcessName;
  /** From the begin of the traffic, ms. */
  atMs: number;
  /** From the kill until it was ready (a service) or answered (an engine) again, ms. */
  upAfterMs: number;
  /** From the kill until all services said that they were ready, ms; other kills may have come between. */
  allReadyAfterMs: number;
}

/** Makes the planned kills, each at its time; resolves when all have been recovered from. */
export function inflictKills(running: Switchboard, plan: readonly PlannedKill[]): Promise<Kill[]> {
  const begunAt = performance.now();
  return Promise.all(
    plan.map(async ({ process: name, atMs }) => {
      await sleep(atMs);
      while (!isAlive(running.pid(name))) await sleep(20);
      const killedAt = performance.now();
      const killed = running.pid(name);
      await running.kill(name);
      while (running.pid(name) === killed) await sleep(20);
      if (isService(name)) await running.ready([name]);
      const upAfterMs = performance.now() - killedAt;
      await running.ready();
      return {
        process: name,
        atMs: killedAt - begunAt,
        upAfterMs,
        allReadyAfterMs: performance.now() - killedAt,
      };
    }),
  );
}

function isService(name: ProcessName): name is ServiceName {
  return serviceNames.some((service) => service === name);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
