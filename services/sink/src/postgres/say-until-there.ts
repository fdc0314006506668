import { backoff, type Logger, SwitchboardError, sleep } from '@switchboard/platform';
import type { Queryable } from '@switchboard/postgres';

/** @throws SwitchboardError `postgres_unavailable` when it does not answer */
export async function askPostgres(db: Queryable): Promise<void> {
  try {
    await db.query('SELECT 1');
  } catch (cause) {
    throw new SwitchboardError('postgres_unavailable', 'Postgres cannot be reached', {
      retryable: true,
      cause,
    });
  }
}

/** Asks until Postgres answers. The log says once that it is waited for, and that it is there: no event may come to say so. */
export function sayUntilThere(ask: () => Promise<void>, logger: Logger): { stop(): Promise<void> } {
  const stopping = new AbortController();
  async function run(): Promise<void> {
    for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
      try {
        await ask();
        if (attempt > 1) logger.info('Postgres is there');
        return;
      } catch (error) {
        logger[attempt === 1 ? 'warn' : 'debug']({ error, attempt }, 'Postgres is away: events wait for it');
        await sleep(backoff(attempt, { baseMs: 200, maxMs: 5_000 }), stopping.signal);
      }
    }
  }
  const running = run();
  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}
