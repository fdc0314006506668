import { type ClickHouse, createClickHouse } from '@switchboard/clickhouse';
import { createPool, type Pool } from '@switchboard/postgres';
import type { PoolOptions } from '@switchboard/postgres/pool';

/** Postgres and ClickHouse as those see them whom nothing is hidden from. */
export interface Stores {
  postgres: Pool;
  clickhouse: ClickHouse;
  close(): Promise<void>;
}

/** Where they are, as `demo.json` names them. */
export interface StoreAddresses {
  /** URL with an administrator. */
  postgres: string;
  clickhouse: { url: string; user: string; password: string };
}

export function openStores(at: StoreAddresses, pool: Omit<PoolOptions, 'url'>): Stores {
  const postgres = createPool({ ...pool, url: at.postgres });
  const clickhouse = createClickHouse({ ...at.clickhouse, database: 'switchboard' });
  return {
    postgres,
    clickhouse,
    async close() {
      await postgres.end();
      await clickhouse.close();
    },
  };
}
