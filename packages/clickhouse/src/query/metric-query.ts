import type {
  Catalogue,
  DimensionDefinition,
  MetricDefinition,
} from '@switchboard/domain/metrics/definition';
import type { BucketRule } from '@switchboard/domain/periods/buckets';
import type { LocalDate } from '@switchboard/domain/periods/local-date';

/** One way to divide the facts into groups. */
export type Split =
  /** Everything is one group. */
  | { id: string; kind: 'total' }
  /** By bucket; the keys are bucket numbers, for hours the UTC instant the hour began. */
  | { id: string; kind: 'series'; rule: BucketRule }
  /** By a dimension's value. */
  | { id: string; kind: 'dimension'; dimension: DimensionDefinition };

export interface DateRange {
  from: LocalDate;
  /** Inclusive. */
  to: LocalDate;
  /** Milliseconds: only facts before it count. For a period that is compared with one that is not over. */
  until?: number;
}

/** What is asked, in terms of the catalogue: no text of a request ever becomes SQL. */
export interface MetricQuery {
  catalogue: Catalogue;
  tenantId: string;
  metrics: readonly MetricDefinition[];
  splits: readonly Split[];
  /** Any of the values, of each dimension; as the facts hold them. */
  filters: readonly { dimension: DimensionDefinition; values: readonly string[] }[];
  range: DateRange;
}

/** Tables that a metric can be read from, coarsest first. */
export const tables = ['daily', 'hourly', 'facts'] as const;
export type Table = (typeof tables)[number];

/** The coarsest table that holds what a split and all filters name. */
export function tableFor(split: Split, filters: MetricQuery['filters']): Table {
  const holds = (table: Table) =>
    splitTables(split).includes(table) && filters.every(({ dimension }) => dimension.sources.includes(table));
  return tables.find(holds) ?? 'facts';
}

function splitTables(split: Split): readonly Table[] {
  if (split.kind === 'dimension') return split.dimension.sources;
  return split.kind === 'series' && split.rule.aggregation === 'hourly' ? ['hourly', 'facts'] : tables;
}
