import {
  backoff,
  type OnStep,
  type ServiceContext,
  SwitchboardError,
  sayUntilThere,
  sleep,
  startHealthServer,
} from '@switchboard/platform';
import { listShards } from '@switchboard/postgres/blocks/blocks';
import { connectDirect } from '@switchboard/postgres/blocks/direct-connection';
import { createCycleClient, createMaintenanceClient } from './clients.ts';
import type { clickhouseSinkShape } from './config.ts';
import type { Step } from './dependencies.ts';
import { runShard } from './run-shard.ts';
import { createSinkMetrics } from './sink-metrics.ts';

const applicationName = 'switchboard-sink-clickhouse';

/** Starts the process "sink-clickhouse": a loop per shard, health and metrics. */
export async function startSink(
  { config, logger, lifecycle, metrics, tracing, fatal }: ServiceContext<typeof clickhouseSinkShape>,
  onStep?: OnStep<Step>,
): Promise<void> {
  const clickhouse = await lifecycle.start('clickhouse', () => {
    const client = createCycleClient(config, applicationName);
    return { value: client, stop: () => client.close() };
  });
  const maintenance = await lifecycle.start('clickhouse maintenance', () => {
    const client = createMaintenanceClient(config, applicationName);
    return { value: client, stop: () => client.close() };
  });
  await lifecycle.start('wait for clickhouse', () => sayUntilThere({ clickhouse: clickhouse.check }, logger));
  /** Shards that wait, and for what. */
  const idle = new Map<number, string>();
  let keptBack: SwitchboardError | undefined = new SwitchboardError('not_working', 'no shard is known yet');
  await lifecycle.start('health', async () => {
    const server = await startHealthServer({
      host: config.HOST,
      port: config.PORT,
      metrics,
      checks: {
        clickhouse: clickhouse.check,
        blocks: () => {
          if (keptBack) throw keptBack;
          if (idle.size === 0) return;
          const waiting = [...idle].map(([shard, why]) => `shard ${shard} waits: ${why}`);
          throw new SwitchboardError('not_working', waiting.join('; '));
        },
      },
    });
    return { value: server, stop: () => server.stop() };
  });
  const shards = await readShards(config.DATABASE_URL, (error, attempt) => {
    keptBack = error;
    logger[attempt === 1 ? 'warn' : 'debug']({ error }, 'Postgres is away, trying again');
  });
  const sinkMetrics = createSinkMetrics(metrics);
  for (const shard of shards) {
    idle.set(shard, 'it has just begun');
    await lifecycle.start(`shard ${shard}`, () => {
      const stopping = new AbortController();
      const running = runShard({
        shard,
        databaseUrl: config.DATABASE_URL,
        clickhouse,
        maintenance,
        logger: logger.child({ shard }),
        metrics: sinkMetrics,
        signal: stopping.signal,
        tracing,
        dedupWindow: config.CLICKHOUSE_DEDUP_WINDOW,
        onStep,
        onWorking: (working, waitsFor = 'its log says why') =>
          working ? idle.delete(shard) : idle.set(shard, waitsFor),
      }).catch(fatal);
      return {
        value: undefined,
        stop: () => {
          stopping.abort();
          return running;
        },
      };
    });
  }
  keptBack = undefined;
}

/** Postgres is waited for: that it is away when this starts is no reason to end. */
async function readShards(
  url: string,
  onAway: (error: SwitchboardError, attempt: number) => void,
): Promise<number[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listShardsAt(url);
    } catch (error) {
      if (!(error instanceof SwitchboardError && error.retryable)) throw error;
      onAway(error, attempt);
      await sleep(backoff(attempt, { baseMs: 200, maxMs: 5_000 }));
    }
  }
}

async function listShardsAt(url: string): Promise<number[]> {
  const connection = await connectDirect({ url, applicationName });
  try {
    return await listShards(connection);
  } finally {
    await connection.close();
  }
}
