import { type ClickHouse, createClickHouse } from '@switchboard/clickhouse';
import { createPool, type Pool } from '@switchboard/postgres';
import type { Switchboard } from '@switchboard/start';

/** Postgres and ClickHouse as those see them whom nothing is hidden from. */
export interface Stores {
  postgres: Pool;
  clickhouse: ClickHouse;
  close(): Promise<void>;
}

export function openStores({ demo }: Pick<Switchboard, 'demo'>): Stores {
  // An idle connection ends with its Postgres; the next query opens another.
  const postgres = createPool({ url: demo.postgres, applicationName: 'chaos', onError: () => undefined });
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
