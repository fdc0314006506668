import type { ColumnType, FactDefinition } from '@switchboard/domain/facts/fact-definition';

/**
 * What a kind of fact looks like in ClickHouse. Tables, views and checks are made from this alone, so that a further
 * kind is one more definition and no more code.
 */
export interface FactTable {
  /** As in `fact_current.kind` and `outbox.kind`. */
  kind: string;
  /** Public name of the facts, e.g. `fact_voice_call`. */
  name: string;
  /** Public name of the sums without `_daily` and `_hourly`, e.g. `analytics_voice_call`. */
  rollup: string;
  /** What the number of entities is called in the sums, e.g. `calls`. */
  count: string;
  /** Columns that describe the entity; name → ClickHouse type. */
  dimensions: Readonly<Record<string, string>>;
  /** Int64 columns that are summed with the sign. */
  measures: readonly string[];
  /** Array(Int16) columns of bucket indexes, counted with the sign. */
  histograms: readonly string[];
  /** Those dimensions that the daily and hourly sums are kept apart by. */
  rollupDimensions: readonly string[];
}

/** Columns that every fact has, in front of its own. */
export const commonColumns = {
  tenant_id: 'UUID',
  block: 'UInt64',
  event_id: 'UUID',
  entity_id: 'UUID',
  basis: 'LowCardinality(String)',
  sign: 'Int8',
  occurred_at: "DateTime64(3, 'UTC')",
  local_date: 'Date',
  hour_start: "DateTime('UTC')",
  local_hour: 'UInt8',
  local_weekday: 'UInt8',
  statement_version: 'UInt32',
} as const;

/** Columns that say how a row came here; all others are the statement. */
const provenanceColumns: readonly string[] = ['block', 'event_id', 'sign'];

const columnTypes: Readonly<Record<ColumnType, string>> = {
  text: 'LowCardinality(String)',
  texts: 'Array(LowCardinality(String))',
  id: 'UUID',
  time: "DateTime64(3, 'UTC')",
};

/** The tables of a kind of fact. */
export function factTableOf(definition: FactDefinition): FactTable {
  const { kind, count, dimensions, measures, histograms, rollupDimensions } = definition;
  return {
    kind,
    name: `fact_${kind}`,
    rollup: `analytics_${kind}`,
    count,
    dimensions: Object.fromEntries(
      Object.entries(dimensions).map(([name, type]) => [name, columnTypes[type]]),
    ),
    measures,
    histograms,
    rollupDimensions,
  };
}

/** A span of time that sums are kept for. */
export interface Rollup {
  span: 'daily' | 'hourly';
  /** The key of the sums; the first columns are the order on disk. */
  key: readonly string[];
}

/** All columns of a fact table; name → type. */
export function factColumns(fact: FactTable): Record<string, string> {
  return {
    ...commonColumns,
    ...fact.dimensions,
    ...Object.fromEntries(fact.measures.map((name) => [name, 'Int64'])),
    ...Object.fromEntries(fact.histograms.map((name) => [name, 'Array(Int16)'])),
  };
}

/** The columns that state something, so all but where a row came from. */
export function statementColumns(fact: FactTable): string[] {
  return Object.keys(factColumns(fact)).filter((name) => !provenanceColumns.includes(name));
}

/** The two sums of a kind of fact. */
export function rollupsOf(fact: FactTable): Rollup[] {
  const rest = fact.rollupDimensions;
  return [
    { span: 'daily', key: ['tenant_id', 'basis', 'local_date', ...rest] },
    {
      span: 'hourly',
      key: ['tenant_id', 'basis', 'local_date', 'hour_start', 'local_hour', 'local_weekday', ...rest],
    },
  ];
}
