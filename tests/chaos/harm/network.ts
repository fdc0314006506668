import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@switchboard/embedded';
import type { EngineName, Ports } from '@switchboard/start';
import { type FaultProxy, startFaultProxy } from '@switchboard/testkit/fault-proxy';
import type { Harm } from './harm.ts';
import { engineNames } from './process-harms.ts';

/** A network between services and engines. */
export interface Network {
  /** Ports of the engines themselves. */
  ports: Partial<Ports>;
  /** Where services reach them. */
  reachedAt: Partial<Record<EngineName, number>>;
  cuts(): Harm[];
  delays(ms: number, forMs: number): Harm[];
  halfOpens(forMs: number): Harm[];
  stop(): Promise<void>;
}

export async function startNetwork(): Promise<Network> {
  const ports: Partial<Ports> = {};
  const proxies = new Map<EngineName, FaultProxy>();
  const reachedAt: Partial<Record<EngineName, number>> = {};
  for (const engine of engineNames) {
    const port = await freePort();
    const proxy = await startFaultProxy({ host: '127.0.0.1', port });
    ports[engine] = port;
    reachedAt[engine] = proxy.port;
    proxies.set(engine, proxy);
  }
  const each = (what: string, inflict: (proxy: FaultProxy) => Promise<void>): Harm[] =>
    [...proxies].map(([engine, proxy]) => ({
      name: `${engine}: ${what}`,
      engine,
      inflict: () => inflict(proxy),
    }));
  return {
    ports,
    reachedAt,
    cuts: () =>
      each('connections cut, five times', async (proxy) => {
        for (let times = 0; times < 5; times += 1) {
          proxy.cut();
          await sleep(300);
        }
      }),
    delays: (ms, forMs) =>
      each(`each byte ${ms} ms late`, async (proxy) => {
        proxy.delay(ms);
        await sleep(forMs);
        proxy.delay(0);
      }),
    halfOpens: (forMs) =>
      each('connections half open', async (proxy) => {
        proxy.freeze();
        proxy.swallow(true);
        await sleep(forMs);
        proxy.swallow(false);
      }),
    stop: async () => {
      await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
    },
  };
}
