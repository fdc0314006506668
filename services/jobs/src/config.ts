import { mediaStoreShape } from '@switchboard/media/config';
import { isHostPattern } from '@switchboard/media/fetching/allowed-hosts';
import {
  brokerShape,
  type ConfigShape,
  databaseUrl,
  flag,
  inForm,
  kafkaShape,
  key32,
  list,
  port,
  sealingShape,
  webhookTargetShape,
  wholeNumber,
} from '@switchboard/platform';
import { twilioShape } from '@switchboard/platform/twilio-settings';
import { z } from 'zod';

const hostsForm = 'hosts, or with *. all below one, separated by commas';

/** Settings of the jobs, beside those of every service. */
export const jobsShape = {
  ...brokerShape,
  SCHEMA_CACHE_DIR: kafkaShape.SCHEMA_CACHE_DIR,
  KAFKA_GROUP_PREFIX: kafkaShape.KAFKA_GROUP_PREFIX,
  ...webhookTargetShape,
  ...mediaStoreShape,
  ...twilioShape,
  PORT: port(8104),
  DATABASE_URL: databaseUrl('switchboard_sink'),
  ...sealingShape,
  PSEUDONYM_KEY: key32().describe('Makes pseudonyms of phones in facts, as in the sink. Never change it.'),
  TWILIO_PUBLIC_URL: inForm(
    'where Twilio reaches ingest, e.g. https://hooks.clinic.example',
    z.url().optional(),
  ).describe(
    'Before the path of webhooks. Unset: Twilio is not asked to tell how far a message got; the hourly comparison does.',
  ),
  TWILIO_API_URL: inForm('without a path', z.url().default('https://api.twilio.com')).describe(
    'Where Twilio’s API is: another region, or a proxy.',
  ),
  JOBS_MESSAGE_TIMEOUT_MS: wholeNumber(15_000, 100, 20_000).describe(
    'How long Twilio may take to answer, ms. What it has not answered by then is looked for, and sent again only where Twilio certainly did not take it.',
  ),
  JOBS_MESSAGE_SETTLED_MS: wholeNumber(300_000, 0, 3_600_000).describe(
    'How long after Twilio was asked its list counts for a message that it does not show while it shows later ones, ms: then it is sent again. 0: it stays unknown.',
  ),
  JOBS_MESSAGE_CONCURRENCY: wholeNumber(50, 1, 1_000).describe(
    'Messages on their way to Twilio at a time; a fifth of one clinic while others have some too.',
  ),
  JOBS_MESSAGES_PER_SECOND: wholeNumber(10, 1, 1_000).describe(
    'Messages that leave one number in a second, by all processes together. What Twilio allows depends on the sender.',
  ),
  JOBS_COMPARE_LOOK_MS: wholeNumber(300_000, 1_000, 3_600_000).describe(
    'How often it is looked whether Twilio’s newest messages came by webhook, ms.',
  ),
  JOBS_COMPARE_MS: wholeNumber(3_600_000, 10_000, 86_400_000).describe(
    'How often all of Twilio’s messages of a day, or since the last time, are compared with ours, ms; also at each start.',
  ),
  JOBS_WEBHOOK_TIMEOUT_MS: wholeNumber(15_000, 100, 20_000).describe(
    'How long a receiver of webhooks may take to answer, ms.',
  ),
  JOBS_WEBHOOK_CONCURRENCY: wholeNumber(100, 2, 1_000).describe(
    'Outgoing webhooks under way at a time; two of one receiver, one of a receiver that fails, half of all of failing ones.',
  ),
  JOBS_WEBHOOK_KEEP_DAYS: wholeNumber(30, 7, 3_650).describe(
    'How long it is kept what receivers of webhooks were told, bodies too; what a paused one was not told, as well.',
  ),
  JOBS_DEAD_LETTER_KEEP_DAYS: wholeNumber(90, 1, 3_650).describe(
    'How long originals of dead letters that were put back or given up are kept. Those that are open stay.',
  ),
  RECORDING_HOSTS: inForm(
    hostsForm,
    list().refine((hosts) => hosts.every(isHostPattern), `must be ${hostsForm}`),
  )
    .default([])
    .describe(
      'Hosts of voice vendors that every clinic’s recordings may be fetched from, beside the clinic’s own list.',
    ),
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
    'Recordings and media on their way at a time; two of one host, half of all of one clinic, and of what failed before.',
  ),
  JOBS_MEDIA_TIDY_MS: wholeNumber(600_000, 100, 86_400_000).describe(
    'How often recordings and media that are old, or that nothing needs, are removed, ms.',
  ),
  JOBS_RETENTION_MS: wholeNumber(86_400_000, 1_000, 604_800_000).describe(
    'How often what clinics keep no longer is emptied (transcripts, messages, callers, reasons of visits), ms; also at each start.',
  ),
  JOBS_UPKEEP_MS: wholeNumber(60_000, 100, 3_600_000).describe(
    'How often holds that are over, and webhooks that are old, are removed, ms.',
  ),
  JOBS_LAG_MS: wholeNumber(5_000, 100, 300_000).describe(
    'How often it is read how far consumers are behind, ms.',
  ),
  JOBS_CANARY_URL: inForm('where ingest answers, e.g. http://ingest:8080', z.url().optional()).describe(
    'Where the canary’s events are posted: a call of a clinic of its own, through the whole way. Unset: none are.',
  ),
  JOBS_CANARY_MS: wholeNumber(60_000, 100, 3_600_000).describe('How often the canary sends an event, ms.'),
  JOBS_POOL_SIZE: wholeNumber(4, 2, 50).describe('Connections to Postgres, and as many for messages.'),
} satisfies ConfigShape;
