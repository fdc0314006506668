import { join } from 'node:path';
import { type Config, type ConfigShape, databaseUrl, loadConfig, sealingShape } from '@switchboard/platform';
import { readStackFile } from '@switchboard/platform/stack-file';
import { z } from 'zod';

/** Settings of `npm run dead-letters`. */
export const deadLettersShape = {
  DATABASE_URL: databaseUrl('switchboard_sink', 'Unset: that of the running stack, and its key.'),
  ...sealingShape,
} satisfies ConfigShape;

export type DeadLettersConfig = Config<typeof deadLettersShape>;

const { DATABASE_URL, SECRETS_KEY, SECRETS_OLD_KEYS } = deadLettersShape;
/** What is read of the files that `npm start` keeps. */
const demo = z.object({ postgres: z.url() });
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
  const { SECRETS_KEY: given, ...old } = loadConfig(
    { SECRETS_KEY: SECRETS_KEY.optional(), SECRETS_OLD_KEYS },
    env,
  );
  const stacks = loadConfig(
    { DATABASE_URL, SECRETS_KEY },
    { DATABASE_URL: stack.postgres, SECRETS_KEY: kept.secretsKey },
  );
  // A key that was changed stands in the environment; the file holds the first one.
  return { ...old, ...stacks, ...(given && { SECRETS_KEY: given }) };
}
