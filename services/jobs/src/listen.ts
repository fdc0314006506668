import { backoff, type Logger, sleep } from '@switchboard/platform';
import { connectDirect } from '@switchboard/postgres/blocks/direct-connection';

export interface ListenOptions {
  databaseUrl: string;
  /** By channel, what is done when something was notified, or may have been while nobody listened. */
  channels: Readonly<Record<string, () => void>>;
  logger: Logger;
}

/** Hears channels until it is stopped. What it misses while Postgres is away is found by looking now and then. */
export function startListening(options: ListenOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  const ended = (async () => {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        const connection = await connectDirect({
          url: options.databaseUrl,
          applicationName: 'switchboard-jobs-listener',
          listen: Object.keys(options.channels),
          onNotification: (channel) => options.channels[channel]?.(),
        });
        attempt = 1;
        for (const wake of Object.values(options.channels)) wake();
        await Promise.race([connection.lost, aborted]);
        await connection.close();
      } catch (error) {
        options.logger.warn({ error }, 'not listening to Postgres');
      }
      await sleep(backoff(attempt, { baseMs: 200, maxMs: 5_000 }), signal);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
