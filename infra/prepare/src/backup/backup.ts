/** `npm run backup -- DIRECTORY [--without-lost]`: what can't be made again, as of one moment, while everything runs. */
import { brokerAccess } from '@switchboard/kafka';
import { runCommand } from './run-command.ts';
import { takeBackup } from './take-backup.ts';

await runCommand('backup', async (config, objects, dir) => {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const { taken_at } = await takeBackup({
    databaseUrl: config.DATABASE_URL,
    registryUrl: config.SCHEMA_REGISTRY_URL,
    kafka: {
      ...brokerAccess(config),
      topicPrefix: config.KAFKA_TOPIC_PREFIX,
      groupPrefix: config.KAFKA_GROUP_PREFIX,
    },
    objects,
    dir,
    withoutLost: process.argv.includes('--without-lost'),
    now: Date.now,
    say,
  });
  say(`as of ${taken_at}, in ${dir}`);
});
