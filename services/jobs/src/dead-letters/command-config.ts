import { join } from 'node:path';
import {
  brokerShape,
  type Config,
  type ConfigShape,
  databaseUrl,
  kafkaShape,
  loadConfig,
  sealingShape,
} from '@switchboard/platform';
import { readStackFile } from '@switchboard/platform/stack-file';
import { z } from 'zod';

const { SCHEMA_REGISTRY_URL: _, ...readingShape } = brokerShape;

/** Settings of `npm run dead-letters`. */
export const deadLettersShape = {
  DATABASE_URL: databaseUrl('switchboard_sink', 'Unset: that of the running stack, and its key.'),
  ...sealingShape,
  ...readingShape,
  KAFKA_BROKERS: brokerShape.KAFKA_BROKERS.optional().describe(
    'Where `replay` looks whether what was put back was read; unset, and without a running stack: it does not look.',
  ),
  KAFKA_GROUP_PREFIX: kafkaShape.KAFKA_GROUP_PREFIX,
} satisfies ConfigShape;

export type DeadLettersConfig = Config<typeof deadLettersShape>;

const { DATABASE_URL, SECRETS_KEY, KAFKA_BROKERS } = deadLettersShape;
/** What is read of the files that `npm start` keeps. */
const demo = z.object({ postgres: z.url(), kafka: z.string() });
const secrets = z.object({ secretsKey: z.string() });

/**
 * The environment's settings, or those of the running stack where it names no database.
 * @param dir where the running stack keeps its files
 * @throws SwitchboardError `config_invalid`
 */
export function deadLettersConfig(dir: string, env?: NodeJS.ProcessEnv): DeadLettersConfig {
  const named = loadConfig({ DATABASE_URL: DATABASE_URL.optional() }, env);
  const stack = named.DATABASE_URL === undefined ? readStackFile(join(dir, 'demo.json'), demo) : undefined;
  const kept = stack && readStackFile(join(dir, 'secrets.json'), secrets);
  if (!stack || !kept) return loadConfig(deadLettersShape, env);
  const { SECRETS_KEY: given, ...others } = loadConfig(
    { ...deadLettersShape, DATABASE_URL: DATABASE_URL.optional(), SECRETS_KEY: SECRETS_KEY.optional() },
    env,
  );
  const stacks = loadConfig(
    { DATABASE_URL, SECRETS_KEY, KAFKA_BROKERS },
    { DATABASE_URL: stack.postgres, SECRETS_KEY: kept.secretsKey, KAFKA_BROKERS: stack.kafka },
  );
  // A key that was changed stands in the environment; the file holds the first one.
  return { ...others, ...stacks, ...(given && { SECRETS_KEY: given }) };
}
