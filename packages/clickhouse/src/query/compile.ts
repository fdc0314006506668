import type { Term } from '@switchboard/domain/metrics/definition';
import { type Distinct, distinctKey, needsOf } from '@switchboard/domain/metrics/totals';
import { addDays } from '@switchboard/domain/periods/local-date';
import type { FactTable } from '../facts/fact-table.ts';
import { signedBuckets } from '../migrate/template.ts';
import {
  type DateRange,
  type MetricQuery,
  type Split,
  type Table,
  tableFor,
  tables,
} from './metric-query.ts';
import { originOf, partsOf, type QueryPart } from './parts-of-query.ts';
import { conditionsOf, groupsOf, isSeveral, noId, Params, termConditions, viewOf } from './query-sql.ts';

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
  /** Of a distinct count: its key. */
  distinct?: string;
}

/**
 * The fewest SELECTs that answer a query: for each kind of fact and basis one per table that terms and splits need, and
 * one per distinct count. A range that is cut inside its last day takes that day from the facts.
 * @throws SwitchboardError `unknown_fact`, and `query_without_now` where a metric compares with the clock
 */
export function compile(query: MetricQuery): CompiledQuery[] {
  if (query.splits.length === 0) return [];
  return [
    ...partsOf(query).flatMap((part) => tables.flatMap((table) => sumsOf(query, part, table))),
    ...[...needsOf(query.metrics).distincts.values()].map((distinct) => distinctOf(query, distinct)),
  ];
}

function sumsOf(query: MetricQuery, part: QueryPart, table: Table): CompiledQuery[] {
  // The total is the sum of any split's groups, unless a fact may be in several; it is asked for when there is no such split.
  const divided = query.splits.some((split) => split.kind !== 'total' && !isSeveral(split));
  const asked = query.splits.filter(
    (split) =>
      !(split.kind === 'total' && divided) && tableFor(part.fact, split, query.filters, part.least) === table,
  );
  if (asked.length === 0) return [];
  const { from, to, until } = query.range;
  if (table === 'facts' || until === undefined) return [selectSums(query, part, table, asked, query.range)];
  const cutDay = selectSums(query, part, 'facts', asked, { from: to, to, until });
  if (from === to) return [cutDay];
  return [selectSums(query, part, table, asked, { from, to: addDays(to, -1) }), cutDay];
}

function selectSums(
  query: MetricQuery,
  part: QueryPart,
  table: Table,
  splits: readonly Split[],
  range: DateRange,
): CompiledQuery {
  const { fact } = part;
  const params = new Params();
  const conditionOf = (term: Term) => termConditions(query, fact, term, params).join(' AND ');
  const sums = [...part.sums.values()].map((term) => {
    const measure = measureOf(term.column, fact, table);
    const condition = conditionOf(term);
    return condition === '' ? `sum(${measure})` : `sumIf(${measure}, ${condition})`;
  });
  const byCurrency = [...part.byCurrency.values()].map(({ term, currency }) => {
    const measure = measureOf(term.column, fact, table);
    const condition = conditionOf(term);
    const amount = condition === '' ? measure : `if(${condition}, ${measure}, 0)`;
    return `sumMap(CAST(([toString(${currency})], [toInt64(${amount})]), 'Map(String, Int64)'))`;
  });
  const histograms = [...part.histograms.values()].map((term) => {
    const buckets = table === 'facts' ? signedBuckets(term.column) : term.column;
    const condition = conditionOf(term);
    return condition === '' ? `sumMap(${buckets})` : `sumMapIf(${buckets}, ${condition})`;
  });
  const sql = `SELECT g.1 AS s, g.2 AS k,
  ${arrayOf(sums, 'Int64')} AS m,
  ${arrayOf(byCurrency, 'Map(String, Int64)')} AS c,
  ${arrayOf(histograms, 'Map(Int16, Int64)')} AS h
FROM ${viewOf(query, fact, table, params)}
ARRAY JOIN ${groupsOf(fact, splits, params)} AS g
WHERE ${conditionsOf(query, part, range, params)}
GROUP BY s, k${table === 'facts' ? '\nHAVING sum(sign) != 0' : ''}`;
  return {
    sql,
    params: params.values,
    splits,
    kind: 'sums',
    sums: [...part.sums.keys()],
    byCurrency: [...part.byCurrency.keys()],
    histograms: [...part.histograms.keys()],
  };
}

function distinctOf(query: MetricQuery, distinct: Distinct): CompiledQuery {
  const { id, of } = distinct;
  const origin = originOf(query, of);
  const { fact } = origin;
  const params = new Params();
  const where = [
    conditionsOf(query, origin, query.range, params),
    `${id} != toUUID('${noId}')`,
    ...termConditions(query, fact, of, params),
  ];
  const measure = of.column === id ? 'sign' : measureOf(of.column, fact, 'facts');
  const sql = `SELECT s, k, toInt64(count()) AS n FROM (
  SELECT g.1 AS s, g.2 AS k
  FROM ${viewOf(query, fact, 'facts', params)}
  ARRAY JOIN ${groupsOf(fact, query.splits, params)} AS g
  WHERE ${where.join(' AND ')}
  GROUP BY s, k, ${id}
  HAVING sum(${measure}) > 0
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
    distinct: distinctKey(distinct),
  };
}

function measureOf(column: string, fact: FactTable, table: Table): string {
  if (table !== 'facts') return column;
  return column === fact.count ? 'toInt64(sign)' : `sign * ${column}`;
}

function arrayOf(items: readonly string[], type: string): string {
  return items.length === 0 ? `CAST([], 'Array(${type})')` : `[${items.join(', ')}]`;
}
