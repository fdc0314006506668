import type { Term } from '@switchboard/domain/metrics/definition';
import { type Needs, needsOf, termKey } from '@switchboard/domain/metrics/totals';
import { addDays } from '@switchboard/domain/periods/local-date';
import { signedBuckets } from '../migrate/template.ts';
import {
  type DateRange,
  type MetricQuery,
  type Split,
  type Table,
  tableFor,
  tables,
} from './metric-query.ts';

/**
 * One SELECT. Its rows are `{s, k}` (split and key of the group) with `m` (sums, in the order of `sums`), `c` (maps by
 * currency), `h` (histograms), or with `n` (how many ids).
 */
export interface CompiledQuery {
  sql: string;
  params: Record<string, unknown>;
  splits: readonly Split[];
  kind: 'sums' | 'distinct';
  sums: readonly string[];
  byCurrency: readonly string[];
  histograms: readonly string[];
  /** Of a distinct count: its term's key. */
  distinct?: string;
}

/**
 * The fewest SELECTs that answer a query: one per table that its splits need, one per distinct count. A range that is
 * cut inside its last day takes that day from the facts.
 */
export function compile(query: MetricQuery): CompiledQuery[] {
  const needs = needsOf(query.metrics);
  const additive = needs.sums.size + needs.byCurrency.size + needs.histograms.size > 0;
  return [
    ...(additive ? tables.flatMap((table) => sumsOf(query, needs, table)) : []),
    ...[...needs.distincts.values()].map((term) => distinctOf(query, term)),
  ];
}

function sumsOf(query: MetricQuery, needs: Needs, table: Table): CompiledQuery[] {
  const splits = query.splits.filter(
    (split) => split.kind !== 'total' && tableFor(split, query.filters) === table,
  );
  // The total is the sum of any split's groups; it is asked for by itself only when there is no other.
  const asked =
    splits.length > 0
      ? splits
      : query.splits.every(isTotal) && table === totalTable(query)
        ? query.splits
        : [];
  if (asked.length === 0) return [];
  const { from, to, until } = query.range;
  if (table === 'facts' || until === undefined) return [selectSums(query, needs, table, asked, query.range)];
  const cutDay = selectSums(query, needs, 'facts', asked, { from: to, to, until });
  if (from === to) return [cutDay];
  return [selectSums(query, needs, table, asked, { from, to: addDays(to, -1) }), cutDay];
}

const isTotal = (split: Split) => split.kind === 'total';
const totalTable = (query: MetricQuery) => tableFor({ id: '', kind: 'total' }, query.filters);

function selectSums(
  query: MetricQuery,
  needs: Needs,
  table: Table,
  splits: readonly Split[],
  range: DateRange,
): CompiledQuery {
  const params = new Params();
  const sums = [...needs.sums].map(([, term]) => sumOf(term, table, params));
  const byCurrency = [...needs.byCurrency.values()].map(({ term, currency }) => {
    const amount = conditional(measureOf(term.column, table), term, params);
    return `sumMap(CAST(([toString(${currency})], [toInt64(${amount})]), 'Map(String, Int64)'))`;
  });
  const histograms = [...needs.histograms].map((column) =>
    table === 'facts' ? signedBuckets(column) : `sumMap(${column})`,
  );
  const sql = `SELECT g.1 AS s, g.2 AS k,
  ${arrayOf(sums, 'Int64')} AS m,
  ${arrayOf(byCurrency, 'Map(String, Int64)')} AS c,
  ${arrayOf(histograms, 'Map(Int16, Int64)')} AS h
FROM ${viewOf(query, table, params)}
ARRAY JOIN ${groupsOf(splits, params)} AS g
WHERE ${conditionsOf(query, range, params)}
GROUP BY s, k${table === 'facts' ? '\nHAVING sum(sign) != 0' : ''}`;
  return {
    sql,
    params: params.values,
    splits,
    kind: 'sums',
    sums: [...needs.sums.keys()],
    byCurrency: [...needs.byCurrency.keys()],
    histograms: [...needs.histograms],
  };
}

function distinctOf(query: MetricQuery, term: Term): CompiledQuery {
  const params = new Params();
  const where = [
    conditionsOf(query, query.range, params),
    `${term.column} != toUUID('00000000-0000-0000-0000-000000000000')`,
    ...termConditions(term, params),
  ];
  const sql = `SELECT s, k, toInt64(count()) AS n FROM (
  SELECT g.1 AS s, g.2 AS k
  FROM ${viewOf(query, 'facts', params)}
  ARRAY JOIN ${groupsOf(query.splits, params)} AS g
  WHERE ${where.join(' AND ')}
  GROUP BY s, k, ${term.column}
  HAVING sum(sign) > 0
)
GROUP BY s, k`;
  const none: string[] = [];
  return {
    sql,
    params: params.values,
    splits: query.splits,
    kind: 'distinct',
    sums: none,
    byCurrency: none,
    histograms: none,
    distinct: termKey(term),
  };
}

/** Values travel beside the SQL, never in it. */
class Params {
  readonly values: Record<string, unknown> = {};

  add(type: string, value: unknown): string {
    const name = `p${Object.keys(this.values).length}`;
    this.values[name] = value;
    return `{${name}:${type}}`;
  }
}

function viewOf({ catalogue, tenantId }: MetricQuery, table: Table, params: Params): string {
  return `api_${catalogue.kind}_${table}(tenant = ${params.add('UUID', tenantId)})`;
}

function conditionsOf(query: MetricQuery, { from, to, until }: DateRange, params: Params): string {
  return [
    `basis = ${params.add('String', query.catalogue.basis)}`,
    `local_date >= ${params.add('Date', from)}`,
    `local_date <= ${params.add('Date', to)}`,
    ...(until === undefined
      ? []
      : [`occurred_at < fromUnixTimestamp64Milli(${params.add('Int64', until)}, 'UTC')`]),
    ...query.filters.map(
      ({ dimension, values }) => `${dimension.column} IN ${params.add('Array(String)', values)}`,
    ),
  ].join(' AND ');
}

const measureOf = (column: string, table: Table): string => {
  if (table !== 'facts') return column;
  return column === 'calls' ? 'toInt64(sign)' : `sign * ${column}`;
};

function sumOf(term: Term, table: Table, params: Params): string {
  const measure = measureOf(term.column, table);
  const conditions = termConditions(term, params);
  return conditions.length === 0 ? `sum(${measure})` : `sumIf(${measure}, ${conditions.join(' AND ')})`;
}

function conditional(measure: string, term: Term, params: Params): string {
  const conditions = termConditions(term, params);
  return conditions.length === 0 ? measure : `if(${conditions.join(' AND ')}, ${measure}, 0)`;
}

function termConditions({ where = {} }: Term, params: Params): string[] {
  return Object.entries(where).map(
    ([column, values]) => `${column} IN ${params.add('Array(String)', values)}`,
  );
}

function arrayOf(items: readonly string[], type: string): string {
  return items.length === 0 ? `CAST([], 'Array(${type})')` : `[${items.join(', ')}]`;
}

function groupsOf(splits: readonly Split[], params: Params): string {
  return `[${splits.map((split, index) => `(toUInt8(${index}), ${keyOf(split, params)})`).join(', ')}]`;
}

function keyOf(split: Split, params: Params): string {
  if (split.kind === 'total') return `''`;
  if (split.kind === 'dimension') return `toString(${split.dimension.column})`;
  const { aggregation, start, firstWeekDays, ends } = split.rule;
  if (aggregation === 'hourly') return 'toString(hour_start)';
  const from = params.add('Date', start);
  const days = `(toInt32(local_date) - toInt32(${from}))`;
  if (ends) return `toString(arrayCount(end -> end <= ${days}, ${params.add('Array(Int32)', ends)}))`;
  if (aggregation === 'daily') return `toString(${days})`;
  if (aggregation === 'monthly')
    return `toString(toInt32(toRelativeMonthNum(local_date)) - toInt32(toRelativeMonthNum(${from})))`;
  const first = params.add('Int32', firstWeekDays);
  return `toString(if(${days} < ${first}, 0, 1 + intDiv(${days} - ${first}, 7)))`;
}
