import { type ClickHouse, createClickHouse } from '@switchboard/clickhouse';
import type { Config } from '@switchboard/platform';
import type { blockWorkShape } from './config.ts';

type ClientConfig = Pick<
  Config<typeof blockWorkShape>,
  | 'CLICKHOUSE_URL'
  | 'CLICKHOUSE_USER'
  | 'CLICKHOUSE_PASSWORD'
  | 'CLICKHOUSE_DATABASE'
  | 'CLICKHOUSE_CA'
  | 'CLICKHOUSE_CLUSTER'
  | 'CLICKHOUSE_MAINTENANCE_SECONDS'
>;

/** Longest statement of a cycle: that of an insert. */
const cycleSeconds = 60;

/** For the cycle: gives up soon, so that its facts are tried again. */
export function createCycleClient(config: ClientConfig, applicationName: string): ClickHouse {
  return createClient(config, applicationName, cycleSeconds);
}

/** For comparisons and rebuilds, whose statements read whole tables: given up early, they would begin anew for ever. */
export function createMaintenanceClient(config: ClientConfig, applicationName: string): ClickHouse {
  return createClient(config, applicationName, config.CLICKHOUSE_MAINTENANCE_SECONDS);
}

function createClient(config: ClientConfig, applicationName: string, seconds: number): ClickHouse {
  return createClickHouse({
    url: config.CLICKHOUSE_URL,
    user: config.CLICKHOUSE_USER,
    password: config.CLICKHOUSE_PASSWORD,
    database: config.CLICKHOUSE_DATABASE,
    caFile: config.CLICKHOUSE_CA,
    cluster: config.CLICKHOUSE_CLUSTER,
    applicationName,
    maxExecutionSeconds: seconds,
    // ClickHouse gives up first, and says so.
    requestTimeoutMs: (seconds + 10) * 1_000,
    watchMs: 4_000,
  });
}
