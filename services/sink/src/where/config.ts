import { type Config, type ConfigShape, loadConfig } from '@switchboard/platform/config';
import { brokerShape, kafkaShape } from '@switchboard/platform/shapes';
import { z } from 'zod';
import { storesShape } from '../clickhouse/config.ts';

const { SCHEMA_REGISTRY_URL: _, ...readingShape } = brokerShape;

/** Settings of `npm run where`. */
export const whereShape = {
  ...storesShape,
  ...readingShape,
  KAFKA_GROUP_PREFIX: kafkaShape.KAFKA_GROUP_PREFIX,
} satisfies ConfigShape;

const urlsShape = {
  DATABASE_URL: z.string().optional(),
  CLICKHOUSE_URL: z.string().optional(),
  KAFKA_BROKERS: z.string().optional(),
};

/** What is read of the running stack's `demo.json`. */
export const demoSchema = z.object({
  kafka: z.string(),
  postgres: z.string(),
  clickhouse: z.object({ url: z.string(), user: z.string(), password: z.string() }),
});

/**
 * @param demo the running stack's engines, which count when the environment names none of its own
 * @throws SwitchboardError `config_invalid`
 */
export function whereConfig(
  demo: z.infer<typeof demoSchema> | undefined,
  env?: NodeJS.ProcessEnv,
): Config<typeof whereShape> {
  const named = loadConfig(urlsShape, env);
  if (!demo || Object.values(named).some((url) => url !== undefined)) return loadConfig(whereShape, env);
  return loadConfig(whereShape, {
    DATABASE_URL: demo.postgres,
    CLICKHOUSE_URL: demo.clickhouse.url,
    CLICKHOUSE_USER: demo.clickhouse.user,
    CLICKHOUSE_PASSWORD: demo.clickhouse.password,
    KAFKA_BROKERS: demo.kafka,
  });
}
