import { randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { ClickHouse } from '@switchboard/clickhouse';
import { createFileStore } from '@switchboard/media/file-store';
import { createSealer, type Logger, type Metrics, sleep } from '@switchboard/platform';
import type { SharedCounts } from '@switchboard/platform/quota';
import { rememberUnusedConnections } from '@switchboard/platform/unused-connections';
import { askPostgres, type Pool } from '@switchboard/postgres';
import { type FastifyInstance, fastify } from 'fastify';
import type { AnalyticsService } from './analytics/service.ts';
import { createIdentify } from './auth/identify.ts';
import { createCheckOrigin } from './auth/origin.ts';
import { createTakeQuota } from './auth/take-quota.ts';
import type { ApiConfig } from './config.ts';
import { openPipeline } from './pipeline/open-pipeline.ts';
import { authenticate } from './plugins/authenticate.ts';
import { observeRequests } from './plugins/observe.ts';
import { describeApi } from './plugins/openapi.ts';
import { answerUnroutable, answerWithProblems } from './plugins/problems.ts';
import { validateWithZod } from './plugins/validation.ts';
import type { ConversationFeed } from './realtime/conversation-feed.ts';
import type { Hub } from './realtime/hub.ts';
import { analyticsRoutes } from './routes/analytics.ts';
import { authRoutes } from './routes/auth.ts';
import { callRoutes } from './routes/calls.ts';
import { mediaRoutes } from './routes/media.ts';
import { operationsRoutes } from './routes/operations.ts';
import { outgoingFileRoutes } from './routes/outgoing-files.ts';
import { pipelineRoutes } from './routes/pipeline.ts';
import { realtimeRoutes } from './routes/realtime.ts';
import { recordRoutes } from './routes/record-list.ts';
import { recordingRoutes } from './routes/recordings.ts';
import { webhookDeliveryRoutes } from './routes/webhook-deliveries.ts';
import { webhookEndpointRoutes } from './routes/webhook-endpoints.ts';

export interface AppOptions {
  config: ApiConfig;
  pool: Pool;
  /** As of {@link RecordRoutesOptions}. */
  writePool: Pool;
  clickhouse: ClickHouse;
  analytics: AnalyticsService;
  hub: Hub;
  conversations: ConversationFeed;
  logger: Logger;
  metrics: Metrics;
  /** Counts quotas for all processes, where there is one. */
  redis?: SharedCounts;
  now(): number;
  /** How often a stream's right is checked again, milliseconds. */
  recheckMs?: number;
}

/** The HTTP side of the API, not listening yet. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { config, pool, writePool, clickhouse, analytics, hub, conversations, logger, metrics, now } =
    options;
  const app = fastify({
    genReqId: () => randomUUID(),
    trustProxy: config.API_TRUST_PROXY === 0 ? false : (_address, hop) => hop < config.API_TRUST_PROXY,
    bodyLimit: 64 * 1024,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: answerUnroutable,
  });
  // All that is taken is JSON; a text would else be read as one that is wrong.
  app.removeContentTypeParser('text/plain');
  let draining = false;
  const endUnused = rememberUnusedConnections(app.server);
  app.addHook('preClose', async () => {
    draining = true;
    await sleep(config.API_DRAIN_DELAY_MS);
    endUnused();
  });

  observeRequests(app, metrics, logger);
  answerWithProblems(app, logger);
  validateWithZod(app);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    // Whoever ends TLS in front of us says so; on http://localhost it would lock the browser out.
    strictTransportSecurity: false,
  });
  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  await describeApi(app);

  const identify = createIdentify({ pool, voiceAgent: voiceAgentOf(config) });
  const allow = authenticate(app, identify, {
    addressPerMinute: config.API_ADDRESS_LIMIT_PER_MINUTE,
    takeQuota: createTakeQuota({ ...options, perMinute: config.API_TENANT_LIMIT_PER_MINUTE }),
  });

  const checkOrigin = createCheckOrigin(config.API_ALLOWED_ORIGINS);
  authRoutes(app, {
    pool,
    allow,
    checkOrigin,
    logger,
    sessionHours: config.API_SESSION_HOURS,
    loginLimit: config.API_LOGIN_LIMIT,
  });
  analyticsRoutes(app, { pool, analytics, allow, now });
  realtimeRoutes(app, {
    allow,
    identify,
    hub,
    conversations,
    metrics,
    logger,
    streamsPerTenant: config.API_STREAMS_PER_TENANT,
    streams: config.API_STREAMS,
    recheckMs: options.recheckMs,
  });
  const pipeline = openPipeline(config, { pool, clickhouse, now });
  app.addHook('onClose', async () => pipeline.close());
  pipelineRoutes(app, { readPipeline: pipeline.read, allow });
  callRoutes(app, { pool, allow });
  const files = await createFileStore(config, config.SECRETS_KEY, config.SECRETS_OLD_KEYS);
  app.addHook('onClose', async () => files.close());
  recordingRoutes(app, { pool, allow, files });
  mediaRoutes(app, { pool, allow, files });
  const records = {
    pool,
    writePool,
    allow,
    checkOrigin,
    sealer: createSealer(config.SECRETS_KEY, config.SECRETS_OLD_KEYS),
    pseudonymKey: config.PSEUDONYM_KEY,
    twilio: config,
    now,
  };
  outgoingFileRoutes(app, { ...records, files, secretsKey: config.SECRETS_KEY });
  for (const routes of recordRoutes) routes(app, records);
  webhookEndpointRoutes(app, { ...records, targets: config });
  webhookDeliveryRoutes(app, { pool, allow, checkOrigin });
  operationsRoutes(app, {
    metrics,
    checks: { postgres: () => askPostgres(pool), clickhouse: () => clickhouse.check() },
    isDraining: () => draining,
  });
  return app;
}

function voiceAgentOf({ VOICE_AGENT_API_KEY: key, DEFAULT_TENANT_ID: tenantId }: ApiConfig) {
  return key !== undefined && tenantId !== undefined ? { key, tenantId } : undefined;
}
