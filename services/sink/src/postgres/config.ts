import {
  type ConfigShape,
  databaseUrl,
  kafkaShape,
  key32,
  port,
  sealingShape,
  wholeNumber,
} from '@switchboard/platform';

/** Settings of the Postgres sink, beside those of every service. */
export const postgresSinkShape = {
  ...kafkaShape,
  PORT: port(8102),
  DATABASE_URL: databaseUrl('switchboard_sink'),
  ...sealingShape,
  PSEUDONYM_KEY: key32().describe(
    'Makes the pseudonyms of callers. Never change it: every caller would become another.',
  ),
  SINK_UPKEEP_MS: wholeNumber(300_000, 1_000, 86_400_000).describe(
    'How often statements of older rules are made again, and old marks removed.',
  ),
  SINK_INBOX_DAYS: wholeNumber(30, 8, 3_650).describe(
    'How long it is remembered that an event was taken: longer than any vendor or topic repeats it.',
  ),
  SINK_POOL_SIZE: wholeNumber(8, 2, 50).describe('Connections to Postgres.'),
} satisfies ConfigShape;
