/** What the data team's user may read of the embedded ClickHouse: as infra/clickhouse/access.sql has it for a server. */
export const analystGrants: readonly string[] = [
  'SELECT ON switchboard.fact_*',
  'SELECT ON switchboard.analytics_*',
  'SHOW ON switchboard.*',
];
