import type { SummedMetric } from '@switchboard/domain/metrics/totals';
import type { BucketRule } from '@switchboard/domain/periods/buckets';
import type { LocalDate } from '@switchboard/domain/periods/local-date';
import { type FactTable, factColumns, rollupsOf } from '../facts/fact-table.ts';

/** What facts are split or filtered by. */
export interface QueryDimension {
  column: string;
  /** An entity may have several values, and then counts under each. */
  several?: boolean;
}

/** One way to divide the facts into groups. */
export type Split =
  /** Everything is one group. */
  | { id: string; kind: 'total' }
  /** By bucket; the keys are bucket numbers, for hours the UTC instant the hour began. */
  | { id: string; kind: 'series'; rule: BucketRule }
  /** By a dimension's value; the key of what is unknown is empty. */
  | { id: string; kind: 'dimension'; dimension: QueryDimension };

export interface DateRange {
  from: LocalDate;
  /** Inclusive. */
  to: LocalDate;
  /** Milliseconds: only facts before it count. For a period that is compared with one that is not over. */
  until?: number;
}

/** What is asked, in terms of the catalogue: no text of a request ever becomes SQL. */
export interface MetricQuery {
  /** Kind and basis of the terms that name none. */
  catalogue: { kind: string; basis: string };
  tenantId: string;
  metrics: readonly SummedMetric[];
  splits: readonly Split[];
  /** Any of the values, of each dimension; as the facts hold them, what is unknown as the empty text. */
  filters: readonly { dimension: QueryDimension; values: readonly string[] }[];
  range: DateRange;
  /** Unix ms: with it those metrics compare that ask whether a time has gone by. */
  now?: number;
}

/** Tables that a metric can be read from, coarsest first. */
export const tables = ['daily', 'hourly', 'facts'] as const;
export type Table = (typeof tables)[number];

/** The coarsest table that holds what a split and all filters name, and that is no coarser than `least`. */
export function tableFor(
  fact: FactTable,
  split: Split,
  filters: MetricQuery['filters'],
  least: Table = 'daily',
): Table {
  const columns = [...splitColumns(split), ...filters.map(({ dimension }) => dimension.column)];
  return coarsest(fact, columns, tables.slice(tables.indexOf(least)));
}

/** The coarsest table whose rows are told apart by all of these columns. */
export function coarsest(
  fact: FactTable,
  columns: readonly string[],
  among: readonly Table[] = tables,
): Table {
  const holds = (table: Table) => columns.every((column) => descriptionOf(fact, table).includes(column));
  return among.find(holds) ?? 'facts';
}

/** The columns of a table by which its rows are told apart. */
export function descriptionOf(fact: FactTable, table: Table): readonly string[] {
  if (table === 'facts') return Object.keys(factColumns(fact));
  return rollupsOf(fact).find(({ span }) => span === table)?.key ?? [];
}

function splitColumns(split: Split): string[] {
  if (split.kind === 'dimension') return [split.dimension.column];
  return split.kind === 'series' && split.rule.aggregation === 'hourly' ? ['hour_start'] : [];
}
