import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { commonColumns, type FactTable, factColumns, type Rollup, rollupsOf } from '../facts/fact-table.ts';
import { enginePlaceholders } from './cluster.ts';

export type MigrationName = '0001_state' | '0002_epoch_tables' | '0003_views' | '0004_joint_views';

/** What a migration's `{{placeholders}}` stand for. */
export type Placeholders = Readonly<Record<string, string>>;

/** The statements of a migration, in order, with its placeholders filled in. */
export function statementsOf(name: MigrationName, placeholders: Placeholders = {}): string[] {
  return readMigration(name)
    .replace(/^--.*\n/gm, '')
    .replace(/\{\{(\w+)\}\}/g, (_, key: string) => {
      const value = placeholders[key];
      if (value === undefined) throw new Error(`migration ${name}: nothing stands for {{${key}}}`);
      return value;
    })
    .split(/;\s*\n/)
    .map((statement) => statement.trim())
    .filter(Boolean);
}

/**
 * A fingerprint of the tables of these facts: other columns, keys or settings make another one; where they are replicated it is
 * the same.
 */
export function shapeOf(facts: readonly FactTable[]): string {
  const statements = facts.flatMap((fact) =>
    statementsOf('0002_epoch_tables', {
      ...factPlaceholders(fact),
      ...enginePlaceholders(undefined),
      epoch: '0',
    }),
  );
  return createHash('sha256').update(statements.join('\n')).digest('hex').slice(0, 16);
}

/** What stands for one kind of fact in a migration. */
export function factPlaceholders(fact: FactTable): Placeholders {
  const columns = factColumns(fact);
  const [daily, hourly] = rollupsOf(fact).map((rollup) => ({
    key: rollup.key.join(', '),
    columns: rollupColumns(fact, rollup, columns),
  }));
  return {
    kind: fact.kind,
    fact: fact.name,
    rollup: fact.rollup,
    count: fact.count,
    fact_names: lines(Object.keys(columns)),
    fact_columns: lines(Object.entries(columns).map(([name, type]) => `${name} ${type}`)),
    daily_key: daily?.key ?? '',
    daily_columns: daily?.columns ?? '',
    hourly_key: hourly?.key ?? '',
    hourly_columns: hourly?.columns ?? '',
    signed_sums: lines([
      `sum(toInt64(sign)) AS ${fact.count}`,
      ...fact.measures.map((name) => `sum(sign * ${name}) AS ${name}`),
      ...fact.histograms.map((name) => `sumMap(${signedBuckets(name)}) AS ${name}`),
    ]),
    plain_sums: lines([
      `sum(t.${fact.count}) AS ${fact.count}`,
      ...fact.measures.map((name) => `sum(t.${name}) AS ${name}`),
      ...fact.histograms.map((name) => `sumMap(t.${name}) AS ${name}`),
    ]),
  };
}

/** The SQL of a signed row's buckets, ready for `sumMap`: bucket → how many. */
export function signedBuckets(column: string): string {
  return `CAST((${column}, arrayMap(bucket -> toInt64(sign), ${column})), 'Map(Int16, Int64)')`;
}

function rollupColumns(fact: FactTable, rollup: Rollup, columns: Record<string, string>): string {
  const common: Record<string, string> = commonColumns;
  return lines([
    ...rollup.key.map((name) => `${name} ${columns[name] ?? common[name] ?? 'String'}`),
    `${fact.count} SimpleAggregateFunction(sum, Int64)`,
    ...fact.measures.map((name) => `${name} SimpleAggregateFunction(sum, Int64)`),
    ...fact.histograms.map((name) => `${name} SimpleAggregateFunction(sumMap, Map(Int16, Int64))`),
  ]);
}

function lines(items: readonly string[]): string {
  return items.join(',\n    ');
}

function readMigration(name: MigrationName): string {
  return readFileSync(new URL(`../../migrations/${name}.sql`, import.meta.url), 'utf8');
}
