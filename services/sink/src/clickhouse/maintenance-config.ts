import { baseShape, type Config, loadConfig } from '@switchboard/platform';
import { z } from 'zod';
import { storesShape, tuningShape } from './config.ts';

const shape = {
  ...tuningShape,
  // Standard output is the command's own.
  LOG_LEVEL: baseShape.LOG_LEVEL.default('fatal'),
};

export type MaintenanceConfig = Config<typeof shape & typeof storesShape>;

/** What is read of the running stack's `demo.json`. */
export const demoSchema = z.object({
  postgres: z.url(),
  clickhouse: z.object({ url: z.url(), user: z.string(), password: z.string() }),
});

type DemoStores = z.infer<typeof demoSchema>;

const urlsShape = {
  DATABASE_URL: z.string().optional(),
  CLICKHOUSE_URL: z.string().optional(),
  CLICKHOUSE_CLUSTER: storesShape.CLICKHOUSE_CLUSTER,
};

/**
 * The settings of a maintenance command. Both stores come from the same place, the environment or the running stack: one
 * of each would be compared with a stranger, and rebuilt from it.
 * @param demo the running stack's stores, which count when the environment names neither
 * @param env another environment than the process's
 * @throws SwitchboardError `config_invalid` when only one store is named, or none and no stack is running
 */
export function maintenanceConfig(demo: DemoStores | undefined, env?: NodeJS.ProcessEnv): MaintenanceConfig {
  const named = loadConfig(urlsShape, env);
  const fromDemo = demo && named.DATABASE_URL === undefined && named.CLICKHOUSE_URL === undefined;
  const stores = fromDemo
    ? loadConfig(storesShape, {
        DATABASE_URL: demo.postgres,
        CLICKHOUSE_URL: demo.clickhouse.url,
        CLICKHOUSE_USER: demo.clickhouse.user,
        CLICKHOUSE_PASSWORD: demo.clickhouse.password,
        CLICKHOUSE_CLUSTER: named.CLICKHOUSE_CLUSTER,
      })
    : loadConfig(storesShape, env);
  return { ...stores, ...loadConfig(shape, env) };
}
