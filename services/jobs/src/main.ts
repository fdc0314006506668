import { brokerAccess, createCodec, createLogReader, createProducer } from '@switchboard/kafka';
import { createFileStore } from '@switchboard/media/file-store';
import {
  createSealer,
  type OnStep,
  runService,
  type ServiceContext,
  startHealthServer,
} from '@switchboard/platform';
import { resolveHost } from '@switchboard/platform/resolve-host';
import { startRounds } from '@switchboard/platform/rounds';
import { askPostgres, createPool, withTenant } from '@switchboard/postgres';
import { sendChannel } from '@switchboard/postgres/messaging/sends';
import { replayChannel } from '@switchboard/postgres/pipeline/decide-dead-letters';
import { webhookChannel } from '@switchboard/postgres/webhooks/event-types';
import { startSealing, startTellingHeads } from './audit/seal.ts';
import { jobsShape } from './config.ts';
import { startPuttingBack } from './dead-letters/put-back.ts';
import { removeOriginals } from './dead-letters/remove-originals.ts';
import { emptyOld } from './erasure/retain.ts';
import { startListening } from './listen.ts';
import { tidyFiles } from './media/tidy.ts';
import { accessByAccount } from './media/vendor-access.ts';
import { startMediaWorker } from './media/worker.ts';
import { accountWithToken } from './messaging/accounts.ts';
import { startMessaging } from './messaging/start-messaging.ts';
import { startCanary } from './pipeline/canary.ts';
import { startWatchingLag } from './pipeline/watch-lag.ts';
import { keepUp } from './upkeep/keep-up.ts';
import { startWebhookWorker } from './webhooks/worker.ts';
import { createWorkers } from './workers.ts';

/** An hour of sound is decoded in a few seconds. */
const readingTimeoutMs = 120_000;
const lagTimeoutMs = 5_000;

/** Starts the process "jobs". */
export async function startJobs(
  { config, logger, lifecycle, metrics }: ServiceContext<typeof jobsShape>,
  onStep?: OnStep,
): Promise<void> {
  const openPool = (name: string, prepare: boolean) =>
    lifecycle.start(name, () => {
      const value = createPool({
        url: config.DATABASE_URL,
        applicationName: 'switchboard-jobs',
        max: config.JOBS_POOL_SIZE,
        prepare,
        onError: (error) => logger.warn({ error }, 'an idle connection to Postgres broke'),
      });
      return { value, stop: () => value.end() };
    });
  const pool = await openPool('postgres', false);
  // Each message that goes out is told of under its clinic's lock: planning that anew each time kept others waiting.
  const messagePool = await openPool('postgres for messages', true);
  const failures = metrics.counter(
    'switchboard_jobs_failures_total',
    'Rounds of a job that failed and come again.',
    ['job'],
  );
  const sealer = createSealer(config.SECRETS_KEY, config.SECRETS_OLD_KEYS);
  const workers = createWorkers(lifecycle);
  const parts = { pool, logger, metrics, failures, now: Date.now, onStep };

  await workers.start('audit seals', () => startSealing(parts));
  await workers.start('audit heads', () => startTellingHeads(parts));
  await workers.start('upkeep', () => {
    const options = {
      ...parts,
      pseudonymKey: config.PSEUDONYM_KEY,
      keepDays: config.JOBS_WEBHOOK_KEEP_DAYS,
    };
    return startRounds({
      ...parts,
      name: 'upkeep',
      everyMs: config.JOBS_UPKEEP_MS,
      work: (signal) => keepUp(options, signal),
    });
  });
  await workers.start('originals', () => {
    const options = { ...parts, keepDays: config.JOBS_DEAD_LETTER_KEEP_DAYS };
    return startRounds({
      ...parts,
      name: 'originals',
      everyMs: config.JOBS_UPKEEP_MS,
      work: (signal) => removeOriginals(options, signal),
    });
  });
  const webhooks = await workers.start('webhooks', () =>
    startWebhookWorker({
      ...parts,
      sealer,
      timeoutMs: config.JOBS_WEBHOOK_TIMEOUT_MS,
      concurrency: config.JOBS_WEBHOOK_CONCURRENCY,
      targets: config,
      resolve: resolveHost,
    }),
  );
  const producer = await lifecycle.start('producer', () => {
    // It connects when there is something to tell; nothing here waits for the broker.
    const value = createProducer({
      ...brokerAccess(config),
      clientId: 'switchboard-jobs',
      deadlineMs: 10_000,
      logger,
      metrics,
    });
    return { value, stop: value.close };
  });
  const codec = createCodec({
    registryUrl: config.SCHEMA_REGISTRY_URL,
    prefix: config.KAFKA_TOPIC_PREFIX,
    cacheDir: config.SCHEMA_CACHE_DIR,
  });
  const messages = await workers.start('messages', () =>
    startMessaging({ ...parts, pool: messagePool, sealer, producer, codec, config }),
  );
  const replays = await workers.start('replays', () =>
    startPuttingBack({ ...parts, sealer, producer, prefix: config.KAFKA_TOPIC_PREFIX }),
  );
  const files = await lifecycle.start('recordings', async () => {
    const value = await createFileStore(config, config.SECRETS_KEY, config.SECRETS_OLD_KEYS);
    return { value, stop: async () => value.close() };
  });
  await workers.start('media', () =>
    startMediaWorker({
      ...parts,
      files,
      fetching: {
        resolve: resolveHost,
        allowHttp: config.MEDIA_ALLOW_HTTP,
        isAllowedAddress: config.MEDIA_ALLOW_PRIVATE ? () => true : undefined,
      },
      hosts: config.RECORDING_HOSTS,
      accessOf: accessByAccount(
        (tenantId) =>
          withTenant(pool, tenantId, (client) =>
            accountWithToken(client, tenantId, { sealer, settings: config }),
          ),
        config.TWILIO_API_URL,
      ),
      maxBytes: config.MEDIA_MAX_MB * 1024 * 1024,
      timeoutMs: config.JOBS_MEDIA_TIMEOUT_MS,
      concurrency: config.JOBS_MEDIA_CONCURRENCY,
      reading: { timeoutMs: readingTimeoutMs },
    }),
  );
  await workers.start('media upkeep', () =>
    startRounds({
      ...parts,
      name: 'media upkeep',
      everyMs: config.JOBS_MEDIA_TIDY_MS,
      work: (signal) => tidyFiles({ ...parts, files }, signal),
    }),
  );
  const reader = await lifecycle.start('log reader', () => {
    const value = createLogReader({
      ...brokerAccess(config),
      clientId: 'switchboard-jobs-lag',
      timeoutMs: lagTimeoutMs,
    });
    return { value, stop: value.close };
  });
  await workers.start('lag', () => {
    const names = { topicPrefix: config.KAFKA_TOPIC_PREFIX, groupPrefix: config.KAFKA_GROUP_PREFIX };
    return startWatchingLag({ ...parts, reader, names, everyMs: config.JOBS_LAG_MS });
  });
  const { JOBS_CANARY_URL: ingestUrl } = config;
  if (ingestUrl !== undefined)
    await workers.start('canary', () =>
      startCanary({
        ...parts,
        sealer,
        secretsKey: config.SECRETS_KEY,
        ingestUrl: ingestUrl.replace(/\/$/, ''),
        everyMs: config.JOBS_CANARY_MS,
      }),
    );
  await workers.start('retention', () => {
    const options = { ...parts, pseudonymKey: config.PSEUDONYM_KEY };
    return startRounds({
      ...parts,
      name: 'retention',
      everyMs: config.JOBS_RETENTION_MS,
      work: (signal) => emptyOld(options, signal),
    });
  });
  await workers.allStarted();
  await lifecycle.start('listener', () => {
    const value = startListening({
      databaseUrl: config.DATABASE_URL,
      channels: {
        [webhookChannel]: webhooks.wake,
        [sendChannel]: messages.wake,
        [replayChannel]: replays.wake,
      },
      logger,
    });
    return { value, stop: value.stop };
  });
  await lifecycle.start('health', async () => {
    const value = await startHealthServer({
      host: config.HOST,
      port: config.PORT,
      metrics,
      checks: {
        postgres: () => askPostgres(pool),
      },
    });
    return { value, stop: () => value.stop() };
  });
}

if (import.meta.main) await runService('jobs', jobsShape, startJobs);
