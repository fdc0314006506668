import { setTimeout as sleep } from 'node:timers/promises';

/** Sends each request to one of several processes that say they are ready, as a load balancer does. */
export interface Balancer {
  /** Base URL of whoever is next. @throws Error when nobody is ready */
  next(): string;
  /** Resolves when all of them are ready. */
  allReady(): Promise<void>;
  stop(): Promise<void>;
}

const askEveryMs = 100;

export function startBalancer(urls: readonly string[]): Balancer {
  const ready = new Set<string>();
  const ending = new AbortController();
  let turn = 0;
  const watch = async (url: string) => {
    while (!ending.signal.aborted) {
      const says = await askReady(url);
      if (says === true) ready.add(url);
      if (says === false) ready.delete(url);
      await sleep(askEveryMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  const watching = Promise.all(urls.map(watch));
  return {
    next() {
      const all = [...ready];
      turn += 1;
      const url = all[turn % all.length];
      if (url === undefined) throw new Error('nobody is ready');
      return url;
    },
    async allReady() {
      for (const begunAt = performance.now(); ready.size < urls.length; await sleep(50))
        if (performance.now() - begunAt > 300_000)
          throw new Error(`only ${ready.size} of ${urls.length} are ready after five minutes`);
    },
    async stop() {
      ending.abort();
      await watching;
    },
  };
}

/** Undefined: it took long to say, which on a busy machine means nothing. */
async function askReady(url: string): Promise<boolean | undefined> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? undefined : false;
  }
}
