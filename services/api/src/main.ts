import { createClickHouse } from '@switchboard/clickhouse';
import { type OnStep, runService, type ServiceContext, sayUntilThere } from '@switchboard/platform';
import { connectSharedCounts } from '@switchboard/platform/quota';
import { askPostgres } from '@switchboard/postgres';
import { createAnalyticsService } from './analytics/service.ts';
import { createApp } from './app.ts';
import { apiShape } from './config.ts';
import { openPools } from './open-pools.ts';
import { startBlockListener } from './realtime/block-listener.ts';
import { createConversationFeed } from './realtime/conversation-feed.ts';
import { createHub } from './realtime/hub.ts';
import { createReadSnapshot } from './realtime/snapshots.ts';

/** Starts the process "api". */
export async function startApi(
  { config, logger, lifecycle, metrics }: ServiceContext<typeof apiShape>,
  onStep?: OnStep,
): Promise<void> {
  const now = Date.now;
  const queryTimeoutMs = config.API_QUERY_TIMEOUT_MS;

  // Neither store is waited for: what needs one answers 503 while it is away.
  const { pool, writePool } = await lifecycle.start('postgres', () => {
    const value = openPools(config, (error) =>
      logger.warn({ error }, 'an idle connection to Postgres ended'),
    );
    return { value, stop: async () => void (await Promise.all([value.pool.end(), value.writePool.end()])) };
  });

  const clickhouse = await lifecycle.start('clickhouse', () => {
    const value = createClickHouse({
      url: config.CLICKHOUSE_URL,
      user: config.CLICKHOUSE_USER,
      password: config.CLICKHOUSE_PASSWORD,
      database: config.CLICKHOUSE_DATABASE,
      caFile: config.CLICKHOUSE_CA,
      applicationName: 'switchboard-api',
      // The engine ends a query by itself a little earlier.
      requestTimeoutMs: queryTimeoutMs + 1_000,
    });
    return { value, stop: () => value.close() };
  });

  const engines = { postgres: () => askPostgres(pool), clickhouse: () => clickhouse.check() };
  await lifecycle.start('wait for engines', () => sayUntilThere(engines, logger));

  const hub = createHub({
    read: createReadSnapshot({ pool, clickhouse, queryTimeoutMs, now }),
    logger,
    isHearing: () => listener.isConnected(),
    now,
  });
  const analytics = createAnalyticsService({ pool, clickhouse, queryTimeoutMs, now });
  const conversations = createConversationFeed();
  const listener = await lifecycle.start('block listener', () => {
    const onBlock = (tenantIds: readonly string[] | null) => {
      analytics.changed(tenantIds);
      hub.changed(tenantIds);
    };
    const value = startBlockListener({
      databaseUrl: config.DATABASE_URL,
      logger,
      onBlock,
      onConversation: conversations.changed,
    });
    return { value, stop: value.stop };
  });

  const redis = await lifecycle.start('redis', () => {
    const value = config.REDIS_URL ? connectSharedCounts(config.REDIS_URL, logger) : undefined;
    return { value, stop: async () => value?.close() };
  });
  const app = await createApp({
    config,
    pool,
    writePool,
    clickhouse,
    analytics,
    hub,
    conversations,
    logger,
    metrics,
    redis,
    now,
  });
  if (onStep)
    // What was asked for is committed, and nobody was told yet.
    app.addHook('onSend', async ({ method, routeOptions }, { statusCode }) => {
      if (statusCode < 300) await onStep(`${method} ${routeOptions.url}`);
    });
  await lifecycle.start('http', async () => {
    const url = await app.listen({ host: config.HOST, port: config.PORT });
    logger.info({ url }, 'listening');
    return { value: undefined, stop: () => app.close() };
  });
}

if (import.meta.main) await runService('api', apiShape, startApi);
