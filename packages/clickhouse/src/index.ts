export { type ClickHouse, createClickHouse } from './client.ts';
export { ClickHouseRefusal } from './errors.ts';
export { factColumns, rollupsOf, statementColumns } from './facts/fact-table.ts';
export { factTables } from './facts/index.ts';
export { type MigrateClickHouseOptions, makeState, migrateClickHouse } from './migrate/migrate.ts';
