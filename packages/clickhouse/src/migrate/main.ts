/**
 * `npm run -s clickhouse-ddl -- [--cluster NAME] [--cells NAME] [--database NAME]`: the SQL by which prepare-stores makes the database,
 * and with `--cells` that by which an administrator lets people read all cells at once.
 */
import { parseArgs } from 'node:util';
import { clusterName, databaseSql } from './cluster.ts';
import { defaultDedupWindow, viewNames } from './epochs.ts';
import { epochStatements, overCellsStatements, stateStatements, viewStatements } from './statements.ts';

const { values } = parseArgs({
  options: {
    cluster: { type: 'string' },
    cells: { type: 'string' },
    database: { type: 'string', default: 'switchboard' },
  },
});
const { cluster, cells, database } = values;
const wrong = [cluster, cells, database].find((name) => name !== undefined && !clusterName.test(name));

if (wrong === undefined) {
  const statements = [
    databaseSql(database, cluster),
    `USE \`${database}\``,
    ...stateStatements(cluster),
    ...epochStatements(1, defaultDedupWindow, cluster),
    ...viewStatements(1, 'CREATE VIEW IF NOT EXISTS'),
    ...(cells === undefined
      ? []
      : overCellsStatements({
          cells,
          database,
          names: viewNames.filter((name) => !name.startsWith('api_')),
          into: `${database}_cells`,
        })),
  ];
  process.stdout.write(statements.map((statement) => `${statement};\n\n`).join(''));
} else {
  process.stderr.write(`not a name of a cluster or database: ${wrong}\n`);
  process.exitCode = 64;
}
