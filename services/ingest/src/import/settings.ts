import { baseShape, type Config, type ConfigShape, kafkaShape, loadConfig } from '@switchboard/platform';
import { readStackFile } from '@switchboard/platform/stack-file';
import { z } from 'zod';
import { ingestShape } from '../config.ts';

/** Where the records go. */
const storesShape = {
  KAFKA_BROKERS: kafkaShape.KAFKA_BROKERS,
  SCHEMA_REGISTRY_URL: kafkaShape.SCHEMA_REGISTRY_URL,
  DATABASE_URL: ingestShape.DATABASE_URL,
  PSEUDONYM_KEY: ingestShape.PSEUDONYM_KEY,
  DEFAULT_TENANT_ID: ingestShape.DEFAULT_TENANT_ID,
} satisfies ConfigShape;

const { KAFKA_GROUP_PREFIX: _, ...writerShape } = kafkaShape;
const restShape = {
  ...writerShape,
  // Standard output is the command's own.
  LOG_LEVEL: baseShape.LOG_LEVEL.default('fatal'),
  KAFKA_BROKERS: kafkaShape.KAFKA_BROKERS.optional(),
  SCHEMA_REGISTRY_URL: kafkaShape.SCHEMA_REGISTRY_URL.optional(),
} satisfies ConfigShape;

/** Settings of `npm run import`. */
export const importShape = { ...restShape, ...storesShape } satisfies ConfigShape;

export type ImportSettings = Config<typeof importShape>;

/** What is read of the running stack's `demo.json`. */
const demoSchema = z.object({
  kafka: z.string(),
  schema_registry: z.url(),
  postgres: z.url(),
  pseudonym_key: z.string(),
  tenant: z.uuid(),
});

const urlsShape = { KAFKA_BROKERS: z.string().optional(), DATABASE_URL: z.string().optional() };

/**
 * The settings of the environment, or those of the running stack where it names neither a broker nor a database: one of
 * each would put one installation's records into another.
 *
 * @param demoFile the running stack's `demo.json`
 * @param env another environment than the process's
 * @throws SwitchboardError `config_invalid`
 */
export function importSettings(demoFile: string, env?: NodeJS.ProcessEnv): ImportSettings {
  const named = loadConfig(urlsShape, env);
  const demo =
    named.KAFKA_BROKERS === undefined && named.DATABASE_URL === undefined
      ? readStackFile(demoFile, demoSchema)
      : undefined;
  if (!demo) return loadConfig(importShape, env);
  const stores = loadConfig(storesShape, {
    KAFKA_BROKERS: demo.kafka,
    SCHEMA_REGISTRY_URL: demo.schema_registry,
    DATABASE_URL: demo.postgres,
    PSEUDONYM_KEY: demo.pseudonym_key,
    DEFAULT_TENANT_ID: demo.tenant,
  });
  return { ...loadConfig(restShape, env), ...stores };
}
