import {
  type ConfigShape,
  databaseUrl,
  key32,
  port,
  webhookTargetShape,
  wholeNumber,
} from '@switchboard/platform';

/** Settings of the jobs, beside those of every service. */
export const jobsShape = {
  ...webhookTargetShape,
  PORT: port(8104),
  DATABASE_URL: databaseUrl('switchboard_sink'),
  SECRETS_KEY: key32().describe('Seals clinics’ secrets and dead letters.'),
  JOBS_WEBHOOK_TIMEOUT_MS: wholeNumber(15_000, 100, 20_000).describe(
    'How long a receiver of webhooks may take to answer, ms.',
  ),
  JOBS_WEBHOOK_CONCURRENCY: wholeNumber(100, 2, 1_000).describe(
    'Outgoing webhooks under way at a time; two of one receiver, one of a receiver that fails, half of all of failing ones.',
  ),
  JOBS_WEBHOOK_KEEP_DAYS: wholeNumber(30, 7, 3_650).describe(
    'How long it is kept what receivers of webhooks were told, bodies too; what a paused one was not told, as well.',
  ),
  JOBS_UPKEEP_MS: wholeNumber(60_000, 100, 3_600_000).describe(
    'How often holds that are over, and webhooks that are old, are removed, ms.',
  ),
  JOBS_POOL_SIZE: wholeNumber(4, 2, 50).describe('Connections to Postgres.'),
} satisfies ConfigShape;
