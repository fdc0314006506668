import { resolve } from 'node:path';
import { ownEnv } from '@switchboard/embedded';
import { brokerAccess } from '@switchboard/kafka';
import {
  brokerShape,
  type Config,
  type ConfigShape,
  clickhouseShape,
  clickhouseTablesShape,
  databaseUrl,
  inForm,
  key32,
  loadConfig,
  sealingShape,
  secret,
} from '@switchboard/platform';
import { z } from 'zod';
import type { ClickHouseLogin, GivenEngines, KafkaSettings } from './engine-urls.ts';
import type { Secrets } from './secrets.ts';

const EMBEDDED = 'Unset: an embedded one is started.';
const KEPT = 'Unset: made once and kept in `.switchboard/secrets.json`.';
const apiKeyForm = 'sb_, 8 to 32 letters or digits, _, 64 hexadecimal digits';

/** What `npm start` is told; whatever else is set is handed on to the services. */
export const startShape = {
  ...brokerShape,
  KAFKA_BROKERS: brokerShape.KAFKA_BROKERS.optional().describe(`Brokers that are there. ${EMBEDDED}`),
  SCHEMA_REGISTRY_URL: brokerShape.SCHEMA_REGISTRY_URL.optional().describe(
    `A schema registry that is there, user and password in it if it wants them. ${EMBEDDED}`,
  ),
  DATABASE_URL: databaseUrl('a superuser')
    .optional()
    .describe(
      `A Postgres that is there, as a superuser, who makes tables and roles. Over TLS with \`?sslmode=verify-full&sslrootcert=FILE\`. ${EMBEDDED}`,
    ),
  ...clickhouseTablesShape,
  CLICKHOUSE_URL: clickhouseShape.CLICKHOUSE_URL.optional().describe(
    `A ClickHouse that is there; with \`https:\` over TLS. ${EMBEDDED}`,
  ),
  CLICKHOUSE_USER: z.string().default('default').describe('Who logs in to that ClickHouse.'),
  CLICKHOUSE_ANALYST_USER: z
    .string()
    .default('analyst')
    .describe('The data team’s user of that ClickHouse, for `demo.json`.'),
  CLICKHOUSE_ANALYST_PASSWORD: secret(z.string().optional()).describe(
    'Password of `CLICKHOUSE_ANALYST_USER`. Unset: `demo.json` names `CLICKHOUSE_USER` instead.',
  ),
  SECRETS_KEY: key32()
    .optional()
    .describe(
      `Seals clinics’ secrets and dead letters; another one over data that stays needs the one before as SECRETS_OLD_KEYS. ${KEPT}`,
    ),
  SECRETS_OLD_KEYS: sealingShape.SECRETS_OLD_KEYS,
  PSEUDONYM_KEY: key32()
    .optional()
    .describe(`Makes pseudonyms of phones; never changes over data that stays. ${KEPT}`),
  ZOICE_WEBHOOK_SECRET: secret(z.string().min(8, 'must have 8 characters or more').optional()).describe(
    `The demo clinic’s webhook secret. ${KEPT}`,
  ),
  TWILIO_WEBHOOK_SECRET: secret(z.string().min(8, 'must have 8 characters or more').optional()).describe(
    `The demo clinic’s Twilio token. ${KEPT}`,
  ),
  VOICE_AGENT_API_KEY: inForm(
    apiKeyForm,
    secret(
      z
        .string()
        .regex(/^sb_[a-z0-9]{8,32}_[0-9a-f]{64}$/, `must be ${apiKeyForm}`)
        .optional(),
    ),
  ).describe(`The voice agent’s API key at the demo clinic. ${KEPT}`),
} satisfies ConfigShape;

/** The environment of a start, sorted by what it is for. */
export interface StartSettings {
  given: GivenEngines;
  givenSecrets: Partial<Secrets>;
  /** What `SECRETS_KEY` was before. */
  oldSecretsKeys: readonly Buffer[];
  /** All of it, for the services. */
  inherited: Record<string, string>;
}

/**
 * Reads the environment. Paths in it become absolute, since services work in another directory.
 * @throws SwitchboardError `config_invalid`
 */
export function readSettings(env: Record<string, string> = ownEnv()): StartSettings {
  const config = loadConfig(startShape, env);
  const { NODE_EXTRA_CA_CERTS: extra, RECORDINGS_URL: recordings } = env;
  return {
    inherited: {
      ...env,
      ...(extra && { NODE_EXTRA_CA_CERTS: resolve(extra) }),
      ...(recordings && { RECORDINGS_URL: placeOf(recordings) }),
    },
    given: {
      kafka: kafkaOf(config),
      schemaRegistry: config.SCHEMA_REGISTRY_URL,
      postgres: config.DATABASE_URL && withAbsoluteAuthorities(config.DATABASE_URL),
      clickhouse: clickhouseOf(config),
    },
    oldSecretsKeys: config.SECRETS_OLD_KEYS,
    givenSecrets: {
      secretsKey: config.SECRETS_KEY?.toString('base64'),
      pseudonymKey: config.PSEUDONYM_KEY?.toString('base64'),
      webhookSecret: config.ZOICE_WEBHOOK_SECRET,
      twilioAuthToken: config.TWILIO_WEBHOOK_SECRET,
      voiceAgentApiKey: config.VOICE_AGENT_API_KEY,
    },
  };
}

function kafkaOf(config: Config<typeof startShape>): KafkaSettings | undefined {
  if (config.KAFKA_BROKERS === undefined) return undefined;
  const settings = {
    KAFKA_BROKERS: config.KAFKA_BROKERS,
    KAFKA_SSL: config.KAFKA_SSL,
    KAFKA_SSL_CA: absolute(config.KAFKA_SSL_CA),
    KAFKA_SASL_MECHANISM: config.KAFKA_SASL_MECHANISM,
    KAFKA_SASL_USERNAME: config.KAFKA_SASL_USERNAME,
    KAFKA_SASL_PASSWORD: config.KAFKA_SASL_PASSWORD,
  };
  // What is missing is told before anything is begun.
  brokerAccess(settings);
  return settings;
}

function clickhouseOf(config: Config<typeof startShape>): ClickHouseLogin | undefined {
  if (config.CLICKHOUSE_URL === undefined) return undefined;
  const { CLICKHOUSE_USER: user, CLICKHOUSE_PASSWORD: password } = config;
  const { CLICKHOUSE_ANALYST_USER: analyst, CLICKHOUSE_ANALYST_PASSWORD: ofAnalyst } = config;
  return {
    url: config.CLICKHOUSE_URL,
    user,
    password,
    caFile: absolute(config.CLICKHOUSE_CA),
    analyst: ofAnalyst === undefined ? { user, password } : { user: analyst, password: ofAnalyst },
  };
}

/** A path counts from here, as that of a bucket or a `file:` does not. */
function placeOf(recordings: string): string {
  return /^[a-z0-9]+:/i.test(recordings) ? recordings : resolve(recordings);
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function withAbsoluteAuthorities(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const file = url.searchParams.get('sslrootcert');
  if (file === null) return databaseUrl;
  url.searchParams.set('sslrootcert', resolve(file));
  return url.href;
}
