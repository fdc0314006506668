import { type ClickHouse, createClickHouse } from '@switchboard/clickhouse';
import { createPool, type Pool } from '@switchboard/postgres';
import type { Demo } from '@switchboard/start';

/** Postgres and ClickHouse as those see them whom nothing is hidden from. */
export interface Stores {
  postgres: Pool;
  clickhouse: ClickHouse;
  close(): Promise<void>;
}

export function openStores(demo: Demo): Stores {
  const postgres = createPool({ url: demo.postgres, applicationName: 'bench', statementTimeoutMs: 600_000 });
  const clickhouse = createClickHouse({ ...demo.clickhouse, database: 'switchboard' });
  return {
    postgres,
    clickhouse,
    async close() {
      await postgres.end();
      await clickhouse.close();
    },
  };
}
