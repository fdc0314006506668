import { createSealer, runService, startHealthServer } from '@switchboard/platform';
import { createPool } from '@switchboard/postgres';
import { webhookChannel } from '@switchboard/postgres/webhooks/event-types';
import { startSealing, startTellingHeads } from './audit/seal.ts';
import { jobsShape } from './config.ts';
import { startListening } from './listen.ts';
import { startRounds } from './rounds.ts';
import { keepUp } from './upkeep/keep-up.ts';
import { resolveHost } from '@switchboard/platform/resolve-host';
import { startWebhookWorker } from './webhooks/worker.ts';

await runService('jobs', jobsShape, async ({ config, logger, lifecycle, metrics }) => {
  const pool = await lifecycle.start('postgres', () => {
    const value = createPool({
      url: config.DATABASE_URL,
      applicationName: 'switchboard-jobs',
      max: config.JOBS_POOL_SIZE,
      onError: (error) => logger.warn({ error }, 'an idle connection to Postgres broke'),
    });
    return { value, stop: () => value.end() };
  });
  const failures = metrics.counter(
    'switchboard_jobs_failures_total',
    'Rounds of a job that failed and come again.',
    ['job'],
  );
  const parts = { pool, logger, metrics, failures, now: Date.now };

  await lifecycle.start('audit seals', () => {
    const value = startSealing(parts);
    return { value, stop: value.stop };
  });
  await lifecycle.start('audit heads', () => {
    const value = startTellingHeads(parts);
    return { value, stop: value.stop };
  });
  await lifecycle.start('upkeep', () => {
    const options = { ...parts, keepDays: config.JOBS_WEBHOOK_KEEP_DAYS };
    const value = startRounds({
      ...parts,
      name: 'upkeep',
      everyMs: config.JOBS_UPKEEP_MS,
      work: (signal) => keepUp(options, signal),
    });
    return { value, stop: value.stop };
  });
  const webhooks = await lifecycle.start('webhooks', () => {
    const value = startWebhookWorker({
      ...parts,
      sealer: createSealer(config.SECRETS_KEY),
      timeoutMs: config.JOBS_WEBHOOK_TIMEOUT_MS,
      concurrency: config.JOBS_WEBHOOK_CONCURRENCY,
      targets: config,
      resolve: resolveHost,
    });
    return { value, stop: value.stop };
  });
  await lifecycle.start('listener', () => {
    const value = startListening({
      databaseUrl: config.DATABASE_URL,
      channel: webhookChannel,
      onNotification: webhooks.wake,
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
        postgres: async () => {
          await pool.query('SELECT 1');
        },
      },
    });
    return { value, stop: () => value.stop() };
  });
});
