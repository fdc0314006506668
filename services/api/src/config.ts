import { mediaStoreShape } from '@switchboard/media/config';
import {
  brokerShape,
  type Config,
  type ConfigShape,
  clickhouseShape,
  databaseUrl,
  inForm,
  kafkaShape,
  key32,
  list,
  port,
  redisShape,
  sealingShape,
  secret,
  webhookTargetShape,
  wholeNumber,
} from '@switchboard/platform';
import { twilioShape } from '@switchboard/platform/twilio-settings';
import { z } from 'zod';
import { parseServiceAddress } from './pipeline/service-states.ts';

const servicesForm = 'name=url of their processes, separated by commas';

// What is said of Kafka is read and never written, so the registry is not needed.
const { SCHEMA_REGISTRY_URL: _, ...optionalBrokerShape } = brokerShape;

/** Settings of the API, beside those of every service. */
export const apiShape = {
  ...clickhouseShape,
  ...webhookTargetShape,
  ...mediaStoreShape,
  ...twilioShape,
  ...optionalBrokerShape,
  KAFKA_BROKERS: brokerShape.KAFKA_BROKERS.optional().describe(
    'Where the cluster is first asked, for `GET /pipeline`; unset: it tells no lag.',
  ),
  KAFKA_GROUP_PREFIX: kafkaShape.KAFKA_GROUP_PREFIX,
  PORT: port(8090),
  DATABASE_URL: databaseUrl('switchboard_api'),
  ...sealingShape,
  ...redisShape,
  PSEUDONYM_KEY: key32().describe(
    'Makes the pseudonyms of callers. Never change it: every caller would become another.',
  ),
  VOICE_AGENT_API_KEY: secret(z.string().min(16, 'must have 16 characters or more').optional()).describe(
    'The voice agent’s key for the default clinic, beside clinics’ own keys with the scope `voice:tools`.',
  ),
  DEFAULT_TENANT_ID: z.uuid().optional().describe('Clinic of a request that names none.'),
  API_ALLOWED_ORIGINS: list()
    .default([])
    .describe('Web addresses besides our own whose pages may write, e.g. `https://desk.example.org`.'),
  API_ADDRESS_LIMIT_PER_MINUTE: wholeNumber(6_000, 1, 1e9).describe(
    'Requests per minute and address, before the caller is known.',
  ),
  API_TENANT_LIMIT_PER_MINUTE: wholeNumber(12_000, 1, 1e9).describe(
    'Requests per minute and clinic that has no quota of its own.',
  ),
  API_LOGIN_LIMIT: wholeNumber(20, 1, 1e9).describe(
    'Failed logins per quarter of an hour of a mail address from one network; five times as many from a network, ten times of a mail address.',
  ),
  API_SESSION_HOURS: wholeNumber(12, 1, 24 * 30).describe('How long a login lasts, hours.'),
  API_STREAMS_PER_TENANT: wholeNumber(200, 1, 100_000).describe('Live streams of one clinic at a time.'),
  API_STREAMS: wholeNumber(2_000, 1, 100_000).describe('Live streams at a time.'),
  API_QUERY_TIMEOUT_MS: wholeNumber(10_000, 100, 60_000).describe('Longest time of one query, ms.'),
  API_POSTGRES_CONNECTIONS: wholeNumber(12, 2, 200).describe(
    'Connections to Postgres, and as many for tools, bookings and the inbox.',
  ),
  API_SERVICES: inForm(
    servicesForm,
    list().refine(
      (given) => given.every((text) => parseServiceAddress(text) !== undefined),
      `must be ${servicesForm}`,
    ),
  )
    .default([])
    .describe('Where each service’s `/readyz` is, e.g. `enrich=http://enrich:8080`, for `GET /pipeline`.'),
  API_DRAIN_DELAY_MS: wholeNumber(0, 0, 20_000).describe(
    'How long `/readyz` says no before connections are refused, so that load balancers notice, ms.',
  ),
  API_TRUST_PROXY: wholeNumber(0, 0, 10).describe(
    'How many proxies stand before it whose `X-Forwarded-For` is believed.',
  ),
} satisfies ConfigShape;

export type ApiConfig = Config<typeof apiShape>;
