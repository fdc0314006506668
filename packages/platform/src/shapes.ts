import { z } from 'zod';
import { type ConfigShape, certificateFile, flag, inForm, key32, keys32, list, secret } from './config.ts';

/** Settings that every service has. */
export const baseShape = {
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('What is worth a line of the log.'),
  HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on; `0.0.0.0` for all, as in a container.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: inForm('e.g. http://collector:4318', z.url().optional()).describe(
    'Where spans of events go, by OTLP over HTTP. Unset: none are made.',
  ),
  SWITCHBOARD_PARENT: z
    .enum(['pipe', 'none'])
    .default('none')
    .describe('`pipe`: end when standard input ends, so that nothing outlives a killed parent.'),
} satisfies ConfigShape;

/** What seals at rest: the same in every service. */
export const sealingShape = {
  SECRETS_KEY: key32().describe('Seals clinics’ secrets and dead letters.'),
  SECRETS_OLD_KEYS: keys32().describe(
    'What `SECRETS_KEY` was before: still opens what was sealed with it. How to change it: docs/dead-letters.md.',
  ),
} satisfies ConfigShape;

/** Where processes count together. */
export const redisShape = {
  REDIS_URL: inForm(
    'redis://user:password@host:port, or rediss: over TLS',
    secret(z.url().optional()),
  ).describe(
    'Counts clinics’ quotas of all processes; unset, or while it is away: each process counts for itself.',
  ),
} satisfies ConfigShape;

/** How Kafka and its schema registry are reached. */
export const brokerShape = {
  KAFKA_BROKERS: inForm('host:port, one or more, separated by commas', list()).describe(
    'Where the cluster is first asked.',
  ),
  KAFKA_SSL: flag(false).describe('Speak TLS to the brokers, and check their certificates.'),
  KAFKA_SSL_CA: certificateFile()
    .optional()
    .describe('Authorities that signed the brokers’ certificates, in the place of the well-known ones.'),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .optional()
    .describe(
      'How to log in to Kafka; unset: not at all. `plain` without TLS shows the password to the network.',
    ),
  KAFKA_SASL_USERNAME: z.string().optional().describe('Needed with `KAFKA_SASL_MECHANISM`.'),
  KAFKA_SASL_PASSWORD: secret(z.string().optional()).describe('Needed with `KAFKA_SASL_MECHANISM`.'),
  KAFKA_TOPIC_PREFIX: z.string().default('switchboard.').describe('Before the name of every topic.'),
  SCHEMA_REGISTRY_URL: inForm(
    'its Confluent-compatible base, e.g. http://127.0.0.1:8081/apis/ccompat/v7',
    z.url(),
  ).describe('The schema registry, user and password in it if it wants them.'),
} satisfies ConfigShape;

/** Settings of a service that writes and reads events. */
export const kafkaShape = {
  ...brokerShape,
  KAFKA_GROUP_PREFIX: z.string().default('switchboard.').describe('Before the name of every consumer group.'),
  SCHEMA_CACHE_DIR: z
    .string()
    .default('.switchboard/cache/schemas')
    .describe('Keeps schema ids, so that events can be written and read while the registry is away.'),
} satisfies ConfigShape;

/** Settings of a service that speaks to ClickHouse. */
export const clickhouseShape = {
  CLICKHOUSE_URL: inForm('its HTTP interface, e.g. http://127.0.0.1:8123', z.url()).describe(
    'ClickHouse; with `https:` over TLS.',
  ),
  CLICKHOUSE_CA: certificateFile()
    .optional()
    .describe('Authorities that signed ClickHouse’s certificate, in the place of the well-known ones.'),
  CLICKHOUSE_USER: z.string().default('switchboard').describe('Who logs in to ClickHouse.'),
  CLICKHOUSE_PASSWORD: secret(z.string().default('')).describe('Password of `CLICKHOUSE_USER`.'),
  CLICKHOUSE_DATABASE: z.string().default('switchboard').describe('Database of the facts.'),
} satisfies ConfigShape;

/** Settings of what makes ClickHouse's tables. */
export const clickhouseTablesShape = {
  ...clickhouseShape,
  CLICKHOUSE_CLUSTER: inForm(
    'letters, digits, _ and -',
    z
      .string()
      .regex(/^[A-Za-z0-9_-]+$/)
      .optional(),
  ).describe(
    'Cluster whose replicas hold the database, with replicated tables; unset: one server. docs/scaling.md',
  ),
} satisfies ConfigShape;
