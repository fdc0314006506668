import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineName, ServiceName, Switchboard } from '@switchboard/start';
import { serviceNames } from '@switchboard/start';
import type { Harm, Target } from './harm.ts';

/** What of a running system is needed to harm it. */
export type Harmed = Pick<Switchboard, 'pid' | 'kill' | 'join'>;

export const engineNames: readonly EngineName[] = ['kafka', 'schema-registry', 'postgres', 'clickhouse'];

/** Services killed outright: the supervisor starts them again. */
export function killServices(running: Harmed): Harm[] {
  return serviceNames.map((name) => ({
    name: `${name} killed`,
    inflict: () => signalAndReplace(running, name, 'SIGKILL'),
  }));
}

/** Services told to end, as a rolling restart does. */
export function endServices(running: Harmed): Harm[] {
  return serviceNames.map((name) => ({
    name: `${name} told to end`,
    inflict: () => signalAndReplace(running, name, 'SIGTERM'),
  }));
}

/** Services stopped in the middle of whatever they do, and woken: they know nothing of the time between. */
export function freezeServices(running: Harmed, forMs: number): Harm[] {
  return serviceNames.map((name) => ({
    name: `${name} frozen for ${forMs / 1_000} s`,
    inflict: () => freeze(running, name, forMs),
  }));
}

export function restartEngines(running: Harmed): Harm[] {
  return engineNames.map((engine) => ({
    name: `${engine} killed`,
    engine,
    inflict: () => signalAndReplace(running, engine, 'SIGKILL'),
  }));
}

export function freezeEngines(running: Harmed, forMs: number): Harm[] {
  return engineNames.map((engine) => ({
    name: `${engine} frozen for ${forMs / 1_000} s`,
    engine,
    inflict: () => freeze(running, engine, forMs),
  }));
}

/** More of each consumer join and leave, in order and killed, while the first goes on. */
export function changeMembers(running: Harmed): Harm[] {
  const consumers: readonly ServiceName[] = ['enrich', 'sink-postgres', 'sink-clickhouse', 'jobs'];
  return consumers.map((name) => ({
    name: `two more ${name} join, one is killed, one leaves`,
    async inflict() {
      const [first, second] = [await running.join(name), await running.join(name)];
      await Promise.all([isReady(first.url), isReady(second.url)]);
      await first.kill('SIGKILL');
      await second.stop();
    },
  }));
}

async function signalAndReplace(running: Harmed, name: Target, signal: NodeJS.Signals): Promise<void> {
  const before = running.pid(name);
  await running.kill(name, signal);
  while (running.pid(name) === before) await sleep(20);
}

async function freeze(running: Harmed, name: Target, forMs: number): Promise<void> {
  const frozen = running.pid(name);
  process.kill(frozen, 'SIGSTOP');
  await sleep(forMs);
  process.kill(frozen, 'SIGCONT');
}

async function isReady(url: string): Promise<void> {
  for (const begunAt = performance.now(); performance.now() - begunAt < 60_000; await sleep(100)) {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    if (answer?.ok) return;
  }
  throw new Error(`${url} did not get ready within a minute`);
}
