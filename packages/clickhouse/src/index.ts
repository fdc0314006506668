export { type ClickHouse, type ClickHouseOptions, createClickHouse, type Settings } from './client.ts';
export { ClickHouseRefusal, toClickHouseError } from './errors.ts';
export { type FactTable, factColumns, rollupsOf, statementColumns } from './facts/fact-table.ts';
export { factTables } from './facts/index.ts';
export { type MigrateClickHouseOptions, makeState, migrateClickHouse } from './migrate/migrate.ts';
