import { canaryTenantId } from '@switchboard/domain/canary';
import { factTables, jointRollups } from '../facts/index.ts';
import { jointSql } from '../facts/joint-rollup.ts';
import { enginePlaceholders } from './cluster.ts';
import { factPlaceholders, statementsOf } from './template.ts';

/** SQL of what a database knows about itself. @param cluster whose replicas have it; one server unless given */
export function stateStatements(cluster?: string): string[] {
  return statementsOf('0001_state', enginePlaceholders(cluster));
}

/** SQL of the tables of one epoch, with the views that fill them. @param window inserts that deduplication remembers */
export function epochStatements(epoch: number, window: number, cluster?: string): string[] {
  const common = { ...enginePlaceholders(cluster, window), epoch: String(epoch) };
  return factTables.flatMap((fact) =>
    statementsOf('0002_epoch_tables', { ...factPlaceholders(fact), ...common }),
  );
}

/** SQL of the views that people and the API read. @param create e.g. `CREATE OR REPLACE VIEW` */
export function viewStatements(epoch: number, create: string): string[] {
  const common = {
    create,
    epoch: String(epoch),
    canary: canaryTenantId,
    // INVOKER: row policies of the reader bind.
    invoker: 'SQL SECURITY INVOKER',
    definer: 'DEFINER = CURRENT_USER SQL SECURITY DEFINER',
  };
  return [
    ...factTables.flatMap((fact) => statementsOf('0003_views', { ...factPlaceholders(fact), ...common })),
    ...jointRollups.flatMap((joint) =>
      statementsOf('0004_joint_views', {
        ...common,
        rollup: joint.rollup,
        daily_parts: jointSql(joint, 'daily', epoch),
        hourly_parts: jointSql(joint, 'hourly', epoch),
      }),
    ),
  ];
}

export interface OverCells {
  /** Cluster with a shard for each cell. */
  cells: string;
  /** Database of the cells. */
  database: string;
  /** Views of it that people read. */
  names: readonly string[];
  /** Database of these tables. */
  into: string;
}

/**
 * SQL of tables that read all cells at once, for people. They stand over the public views, whose epochs may differ from cell
 * to cell. They have no sharding key: a clinic is where it was put, not where a hash says, so that nothing can be left
 * out by one and nothing be inserted through them.
 */
export function overCellsStatements({ cells, database, names, into }: OverCells): string[] {
  return [
    `CREATE DATABASE IF NOT EXISTS \`${into}\``,
    ...names.map(
      (name) =>
        `CREATE OR REPLACE TABLE \`${into}\`.${name} AS \`${database}\`.${name}\nENGINE = Distributed('${cells}', '${database}', '${name}')`,
    ),
  ];
}
