import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, type ConfigShape, databaseUrl, key32, loadConfig } from '@switchboard/platform';
import { z } from 'zod';

const ofRunning = 'Unset: that of the running stack.';

/** Settings of `npm run tenant`. */
export const tenantShape = {
  DATABASE_URL: databaseUrl('switchboard_migrate', `A superuser may, too. ${ofRunning}`),
  SECRETS_KEY: key32().describe(`Seals clinics’ secrets and dead letters.`),
} satisfies ConfigShape;

const namedShape = { DATABASE_URL: tenantShape.DATABASE_URL.optional() };
const demoShape = z.object({ postgres: z.url() });
const secretsShape = z.object({ secretsKey: z.string() });

/**
 * The settings of the environment, or those of the stack that runs in this folder where it names no database: a key of one
 * installation is nothing to another's database.
 * @param dir the running stack's data directory
 * @throws SwitchboardError `config_invalid`
 */
export function tenantSettings(dir: string, env?: NodeJS.ProcessEnv): Config<typeof tenantShape> {
  if (loadConfig(namedShape, env).DATABASE_URL !== undefined) return loadConfig(tenantShape, env);
  const [demo, secrets] = ['demo.json', 'secrets.json'].map((name) => readJson(join(dir, name)));
  if (demo === undefined || secrets === undefined) return loadConfig(tenantShape, env);
  return loadConfig(tenantShape, {
    SECRETS_KEY: secretsShape.parse(secrets).secretsKey,
    ...env,
    DATABASE_URL: demoShape.parse(demo).postgres,
  });
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
