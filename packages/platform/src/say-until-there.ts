import { type Check, checkReadiness } from './health.ts';
import type { Started } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import { backoff, sleep } from './retry.ts';

/**
 * A part that asks for each engine until it answers. The log says once which is waited for and why (and again when that
 * is another), and that it is there: no event may come to say so.
 */
export function sayUntilThere(checks: Record<string, Check>, logger: Logger): Started<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  async function wait(name: string, check: Check): Promise<void> {
    let said: string | undefined;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const { ready, checks } = await checkReadiness({ [name]: check });
      if (ready) {
        if (attempt > 1) logger.info(`${name} is there`);
        return;
      }
      const why = checks[name];
      logger[why === said ? 'debug' : 'warn']({ why, attempt }, `${name} is waited for`);
      said = why;
      await sleep(backoff(attempt, { baseMs: 200, maxMs: 5_000 }), signal);
    }
  }
  const running = Promise.all(Object.entries(checks).map(([name, check]) => wait(name, check)));
  return {
    value: undefined,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
