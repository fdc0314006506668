import { mediaStoreShape } from '@switchboard/media/config';
import { isHostPattern } from '@switchboard/media/fetching/allowed-hosts';
import {
  type ConfigShape,
  databaseUrl,
  flag,
  inForm,
  key32,
  list,
  port,
  webhookTargetShape,
  wholeNumber,
} from '@switchboard/platform';
import { twilioShape } from '@switchboard/platform/twilio-settings';
import { z } from 'zod';

const hostsForm = 'hosts, or with *. all below one, separated by commas';

/** Settings of the jobs, beside those of every service. */
export const jobsShape = {
  ...webhookTargetShape,
  ...mediaStoreShape,
  ...twilioShape,
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
  RECORDING_HOSTS: inForm(
    hostsForm,
    list().refine((hosts) => hosts.every(isHostPattern), `must be ${hostsForm}`),
  )
    .default([])
    .describe(
      'Hosts of voice vendors that every clinic’s recordings may be fetched from, beside the clinic’s own list.',
    ),
  TWILIO_API_URL: z.url().default('https://api.twilio.com').describe('Where Twilio is spoken to.'),
  MEDIA_ALLOW_HTTP: flag(false).describe(
    'Recordings and media may come from `http:` addresses too: they then cross the network in the clear.',
  ),
  MEDIA_ALLOW_PRIVATE: flag(false).describe(
    'Recordings and media may come from private, loopback and link-local addresses: for a recorder in the same network.',
  ),
  MEDIA_MAX_MB: wholeNumber(200, 1, 2_000).describe('The largest recording or medium that is fetched, MiB.'),
  JOBS_MEDIA_TIMEOUT_MS: wholeNumber(120_000, 500, 1_800_000).describe(
    'How long one recording or medium may take to come, ms.',
  ),
  JOBS_MEDIA_CONCURRENCY: wholeNumber(8, 1, 100).describe(
    'Recordings and media on their way at a time; two of one host, half of all of what failed before.',
  ),
  JOBS_MEDIA_TIDY_MS: wholeNumber(600_000, 100, 86_400_000).describe(
    'How often recordings and media that are old, or that nothing needs, are removed, ms.',
  ),
  JOBS_UPKEEP_MS: wholeNumber(60_000, 100, 3_600_000).describe(
    'How often holds that are over, and webhooks that are old, are removed, ms.',
  ),
  JOBS_POOL_SIZE: wholeNumber(4, 2, 50).describe('Connections to Postgres.'),
} satisfies ConfigShape;
