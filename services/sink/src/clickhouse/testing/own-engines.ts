import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ClickHouseEngine,
  type PostgresEngine,
  startClickHouse,
  startPostgres,
} from '@switchboard/embedded';
import type { Engines } from '@switchboard/testkit';

/** A Postgres and a ClickHouse that a test may kill. */
export interface OwnEngines {
  engines: Engines;
  postgres: PostgresEngine;
  clickhouse: ClickHouseEngine;
  stop(): Promise<void>;
}

const password = 'switchboard';

export async function startOwnEngines(): Promise<OwnEngines> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-own-'));
  const users = [{ name: 'switchboard', password }];
  const [postgres, clickhouse] = await Promise.all([
    startPostgres({ dataDir: join(dataDir, 'postgres'), password, settings: { fsync: 'off' } }),
    startClickHouse({ dataDir: join(dataDir, 'clickhouse'), users }),
  ]);
  return {
    engines: {
      kafka: '',
      schemaRegistry: '',
      postgresAdmin: postgres.url,
      clickhouse: {
        url: clickhouse.url,
        user: 'switchboard',
        password,
        analyst: { user: 'switchboard', password },
      },
    },
    postgres,
    clickhouse,
    async stop() {
      await clickhouse.stop();
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
