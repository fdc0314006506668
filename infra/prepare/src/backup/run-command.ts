import { join } from 'node:path';
import { mediaStoreShape } from '@switchboard/media/config';
import type { ObjectStore } from '@switchboard/media/store/object-store';
import { openStore } from '@switchboard/media/store/open-store';
import { describeError, loadConfig, SwitchboardError } from '@switchboard/platform';
import { readStackFile } from '@switchboard/platform/stack-file';
import { z } from 'zod';
import { type BackupConfig, backupShape } from './config.ts';

const ofStack = '.switchboard';

/** What is read of the running stack's `demo.json`. */
const demoSchema = z.object({ kafka: z.string(), schema_registry: z.url(), postgres: z.url() });

const mediaTexts = Object.fromEntries(
  Object.keys(mediaStoreShape).map((name) => [name, z.string().optional()]),
);

/**
 * The `main` of a command on a whole installation: takes its settings from the environment or, where that names no
 * database, from the running stack in the project's folder. Exit code 0, or 1 with one line of why not; 78: settings.
 */
export async function runCommand(
  name: string,
  run: (config: BackupConfig, objects: ObjectStore, dir: string) => Promise<void>,
): Promise<void> {
  try {
    const [dir] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
    if (dir === undefined) throw new SwitchboardError('config_invalid', `npm run ${name} -- DIRECTORY`);
    const config = backupSettings();
    const objects = await openStore(config);
    await run(config, objects, dir).finally(() => objects.close());
  } catch (error) {
    const own = error instanceof SwitchboardError;
    process.stderr.write(`${name}: ${own ? error.message : JSON.stringify(describeError(error))}\n`);
    process.exitCode = own && error.code === 'config_invalid' ? 78 : 1;
  }
}

/**
 * @param stack where `npm start` keeps the data of the running stack
 * @param env this process's unless told
 */
export function backupSettings(stack = ofStack, env?: NodeJS.ProcessEnv): BackupConfig {
  const { DATABASE_URL } = loadConfig({ DATABASE_URL: z.string().optional() }, env);
  if (DATABASE_URL !== undefined) return loadConfig(backupShape, env);
  const demo = readStackFile(join(stack, 'demo.json'), demoSchema);
  if (!demo) return loadConfig(backupShape, env);
  return loadConfig(backupShape, {
    DATABASE_URL: demo.postgres,
    KAFKA_BROKERS: demo.kafka,
    SCHEMA_REGISTRY_URL: demo.schema_registry,
    RECORDINGS_URL: join(stack, 'recordings'),
    // As `npm start` hands them to the services.
    ...loadConfig(mediaTexts, env),
  });
}
