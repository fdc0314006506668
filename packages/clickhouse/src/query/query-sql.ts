import type { Term } from '@switchboard/domain/metrics/definition';
import { millisecondsOf } from '@switchboard/domain/periods/duration';
import { SwitchboardError } from '@switchboard/platform';
import { type FactTable, factColumns } from '../facts/fact-table.ts';
import type { DateRange, MetricQuery, QueryDimension, Split, Table } from './metric-query.ts';

/** Values travel beside the SQL, never in it. */
export class Params {
  readonly values: Record<string, unknown> = {};

  add(type: string, value: unknown): string {
    const name = `p${Object.keys(this.values).length}`;
    this.values[name] = value;
    return `{${name}:${type}}`;
  }
}

/** Stands in a fact for an id that is not known. */
export const noId = '00000000-0000-0000-0000-000000000000';

export function viewOf({ tenantId }: MetricQuery, fact: FactTable, table: Table, params: Params): string {
  return `api_${fact.kind}_${table}(tenant = ${params.add('UUID', tenantId)})`;
}

/** What holds for every row that a query looks at. */
export function conditionsOf(
  query: MetricQuery,
  { fact, basis }: { fact: FactTable; basis: string },
  { from, to, until }: DateRange,
  params: Params,
): string {
  return [
    `basis = ${params.add('String', basis)}`,
    `local_date >= ${params.add('Date', from)}`,
    `local_date <= ${params.add('Date', to)}`,
    ...(until === undefined ? [] : [`occurred_at < ${instant(until, params)}`]),
    ...query.filters.map(({ dimension, values }) => filterOf(fact, dimension, values, params)),
  ].join(' AND ');
}

/** What holds for every row that a term counts. */
export function termConditions(query: MetricQuery, fact: FactTable, term: Term, params: Params): string[] {
  const { where = {}, past } = term;
  const conditions = Object.entries(where).map(([column, values]) =>
    filterOf(fact, { column }, values, params),
  );
  if (past === undefined) return conditions;
  if (query.now === undefined)
    throw new SwitchboardError('query_without_now', `${term.column} is compared with the clock`);
  const before = query.now - millisecondsOf(past.by);
  return [...conditions, `${past.column} <= ${instant(before, params)}`];
}

/** An array of the groups that a row belongs to: the split's position and the key. */
export function groupsOf(fact: FactTable, splits: readonly Split[], params: Params): string {
  const alone = splits.flatMap((split, index) =>
    isSeveral(split) ? [] : [`(toUInt8(${index}), ${keyOf(fact, split, params)})`],
  );
  const several = splits.flatMap((split, index) =>
    split.kind === 'dimension' && isSeveral(split)
      ? [`arrayMap(v -> (toUInt8(${index}), v), ${valuesOf(split.dimension.column)})`]
      : [],
  );
  const arrays = [...(alone.length === 0 ? [] : [`[${alone.join(', ')}]`]), ...several];
  return arrays.length === 1 ? arrays.join() : `arrayConcat(${arrays.join(', ')})`;
}

/** Whether a row may be in several groups of a split, so that these don't add up to the whole. */
export function isSeveral(split: Split): boolean {
  return split.kind === 'dimension' && split.dimension.several === true;
}

/** Of a row with none: the empty one. */
const valuesOf = (column: string) => `if(empty(${column}), [''], CAST(${column}, 'Array(String)'))`;

function filterOf(
  fact: FactTable,
  { column, several }: QueryDimension,
  values: readonly string[],
  params: Params,
): string {
  if (several) return `hasAny(${valuesOf(column)}, ${params.add('Array(String)', values)})`;
  if (factColumns(fact)[column] !== 'UUID') return `${column} IN ${params.add('Array(String)', values)}`;
  const ids = values.map((value) => (value === '' ? noId : value));
  return `${column} IN ${params.add('Array(UUID)', ids)}`;
}

function instant(ms: number, params: Params): string {
  return `fromUnixTimestamp64Milli(${params.add('Int64', ms)}, 'UTC')`;
}

function keyOf(fact: FactTable, split: Split, params: Params): string {
  if (split.kind === 'total') return `''`;
  if (split.kind === 'dimension') {
    const { column } = split.dimension;
    const text = `toString(${column})`;
    return factColumns(fact)[column] === 'UUID' ? `if(${column} = toUUID('${noId}'), '', ${text})` : text;
  }
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
