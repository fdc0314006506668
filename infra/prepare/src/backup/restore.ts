/** `npm run restore -- DIRECTORY`: a backup into an installation that is prepared, empty, and whose services are stopped. */
import { brokerAccess } from '@switchboard/kafka';
import { restoreBackup } from './restore-backup.ts';
import { runCommand } from './run-command.ts';

await runCommand('restore', async (config, objects, dir) => {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const { taken_at } = await restoreBackup({
    databaseUrl: config.DATABASE_URL,
    registryUrl: config.SCHEMA_REGISTRY_URL,
    objects,
    kafka: { ...brokerAccess(config), groupPrefix: config.KAFKA_GROUP_PREFIX },
    dir,
    say,
  });
  say(`all as of ${taken_at}; start the services: ClickHouse is made anew`);
});
