import { SwitchboardError } from '@switchboard/platform/errors';

/**
 * How long a replica remembers a block's token at most, seconds. A plain table knows no such limit: there, as here with a
 * limit that no outage reaches, the number of remembered inserts alone decides.
 */
const REMEMBERED_SECONDS = 7 * 86_400;

/** What the names of clusters and databases are made of, so that they can stand in a path of Keeper. */
export const clusterName = /^[A-Za-z0-9_-]+$/;

/** What stands for engines in a migration: the same tables, on one server or on every replica of a cluster. */
export function enginePlaceholders(
  cluster: string | undefined,
  window = 0,
): Readonly<Record<string, string>> {
  return cluster === undefined
    ? { replicated: '', deduplication: `non_replicated_deduplication_window = ${window}` }
    : {
        replicated: 'Replicated',
        deduplication: `replicated_deduplication_window = ${window}, replicated_deduplication_window_seconds = ${REMEMBERED_SECONDS}`,
      };
}

/**
 * SQL of the database. A replicated one hands every later statement about tables and views on to all of its replicas, those
 * too that are away just then or are added later, so that none of them names the cluster.
 */
export function databaseSql(database: string, cluster?: string): string {
  const create = `CREATE DATABASE IF NOT EXISTS \`${database.replaceAll('`', '``')}\``;
  if (cluster === undefined) return create;
  return `${create} ON CLUSTER \`${cluster}\`\nENGINE = Replicated('/clickhouse/databases/${cluster}/${database}', '{shard}', '{replica}')`;
}

/** Asks one question of the server, outside of the database. */
export type Ask = <T>(sql: string, params: Record<string, unknown>) => Promise<T[]>;

/**
 * SQL that makes the database, unless it is there on a cluster.
 * @throws SwitchboardError `database_is_replicated`, `database_not_replicated`, `cluster_unknown`, `cluster_has_shards`: only a
 *   person can help
 */
export async function missingDatabaseSql(
  ask: Ask,
  database: string,
  cluster?: string,
): Promise<string | undefined> {
  const [known] = await ask<{ engine: string }>(
    'SELECT engine FROM system.databases WHERE name = {database:String}',
    { database },
  );
  const isReplicated = known?.engine === 'Replicated';
  if (cluster === undefined) {
    if (isReplicated)
      throw new SwitchboardError(
        'database_is_replicated',
        `CLICKHOUSE_CLUSTER: must be set, the database ${database} is replicated`,
      );
    return databaseSql(database);
  }
  if (isReplicated) return undefined;
  if (known)
    throw new SwitchboardError(
      'database_not_replicated',
      `CLICKHOUSE_CLUSTER: the database ${database} is on one server alone. Drop it, and sink-clickhouse fills the replicated one from Postgres`,
    );
  await requireOneShard(ask, cluster);
  return databaseSql(database, cluster);
}

async function requireOneShard(ask: Ask, cluster: string): Promise<void> {
  const [found] = await ask<{ shards: string }>(
    'SELECT uniqExact(shard_num) AS shards FROM system.clusters WHERE cluster = {cluster:String}',
    { cluster },
  );
  const shards = Number(found?.shards ?? 0);
  if (shards === 0)
    throw new SwitchboardError(
      'cluster_unknown',
      `CLICKHOUSE_CLUSTER: the server knows no cluster ${cluster}`,
    );
  if (shards > 1)
    throw new SwitchboardError(
      'cluster_has_shards',
      `CLICKHOUSE_CLUSTER: ${cluster} has ${shards} shards; blocks go to the replicas of one. Each cell has a cluster of its own (docs/scaling.md)`,
    );
}
