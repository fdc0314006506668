import { makeState } from '@switchboard/clickhouse';
import { createBlockInserter } from '@switchboard/clickhouse/blocks/insert-block';
import { createLogger } from '@switchboard/platform';
import { runCommand } from '@switchboard/platform/run-command';
import { readStackFile } from '@switchboard/platform/stack-file';
import { connectDirect } from '@switchboard/postgres/blocks/direct-connection';
import { lockRebuild } from '@switchboard/postgres/blocks/locks';
import { createMaintenanceClient } from './clients.ts';
import type { MaintenanceWork } from './dependencies.ts';
import { demoSchema, maintenanceConfig } from './maintenance-config.ts';

const demoFile = '.switchboard/demo.json';

/**
 * The `main` of a maintenance command: takes the settings of a service, or those of the running stack when it is
 * called from the project's root, waits for the rebuild lock, and ends with what `run` says.
 * @param run answers the exit code
 */
export async function runMaintenance(
  name: string,
  run: (work: MaintenanceWork) => Promise<number>,
): Promise<void> {
  await runCommand(name, () => withMaintenance(name, run));
}

async function withMaintenance(
  name: string,
  run: (work: MaintenanceWork) => Promise<number>,
): Promise<number> {
  const config = maintenanceConfig(readStackFile(demoFile, demoSchema));
  const clickhouse = createMaintenanceClient(config, `switchboard-${name}`);
  const connection = await connectDirect({
    url: config.DATABASE_URL,
    applicationName: `switchboard-${name}`,
  });
  try {
    await lockRebuild(connection);
    await makeState(clickhouse);
    return await run({
      connection,
      clickhouse,
      inserter: await createBlockInserter(clickhouse),
      logger: createLogger({ service: name, level: config.LOG_LEVEL }),
      databaseUrl: config.DATABASE_URL,
      dedupWindow: config.CLICKHOUSE_DEDUP_WINDOW,
    });
  } finally {
    await connection.close();
    await clickhouse.close();
  }
}
