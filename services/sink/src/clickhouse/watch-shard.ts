import { backoff, type Logger, sleep } from '@switchboard/platform';
import { shardStatus } from '@switchboard/postgres/blocks/blocks';
import { connectDirect } from '@switchboard/postgres/blocks/direct-connection';
import type { SinkMetrics } from './sink-metrics.ts';

export interface WatchOptions {
  shard: number;
  databaseUrl: string;
  logger: Logger;
  metrics: Pick<SinkMetrics, 'status'>;
  signal: AbortSignal;
}

const tickMs = 1_000;

/**
 * Tells each second, until the signal, how far behind a shard is. On a connection of its own, because the one that works
 * is busy for minutes in a rebuild, and gone while ClickHouse is away: just when somebody must be told.
 */
export async function watchShard(options: WatchOptions): Promise<void> {
  const { shard, databaseUrl, logger, metrics, signal } = options;
  let attempt = 0;
  while (!signal.aborted) {
    try {
      const connection = await connectDirect({
        url: databaseUrl,
        applicationName: 'switchboard-sink-status',
      });
      try {
        while (!signal.aborted) {
          metrics.status(shard, await shardStatus(connection, shard));
          attempt = 0;
          await sleep(tickMs, signal);
        }
      } finally {
        await connection.close();
      }
    } catch (error) {
      attempt += 1;
      logger.warn({ error, attempt }, 'the status of the shard cannot be read');
      await sleep(backoff(attempt, { baseMs: 500, maxMs: 5_000 }), signal);
    }
  }
}
