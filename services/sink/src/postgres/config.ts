import { type ConfigShape, databaseUrl, kafkaShape, key32, port, wholeNumber } from '@switchboard/platform';

/** Settings of the Postgres sink, beside those of every service. */
export const postgresSinkShape = {
  ...kafkaShape,
  PORT: port(8102),
  DATABASE_URL: databaseUrl('switchboard_sink'),
  SECRETS_KEY: key32().describe('Seals clinics’ secrets and dead letters.'),
  PSEUDONYM_KEY: key32().describe(
    'Makes the pseudonyms of callers. Never change it: every caller would become another.',
  ),
  SINK_POOL_SIZE: wholeNumber(8, 2, 50).describe('Connections to Postgres.'),
} satisfies ConfigShape;
