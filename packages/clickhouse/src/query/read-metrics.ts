import { addTotals, emptyTotals, type Totals } from '@switchboard/domain/metrics/totals';
import { SwitchboardError } from '@switchboard/platform';
import type { ClickHouse, Settings } from '../client.ts';
import { type CompiledQuery, compile } from './compile.ts';
import type { MetricQuery } from './metric-query.ts';

/** Groups of each split, by the split's id, then the group's key. Groups without facts are absent. */
export type Groups = Map<string, Map<string, Totals>>;

interface Row {
  s: number;
  k: string;
  m?: number[];
  c?: Record<string, number>[];
  h?: Record<string, number>[];
  n?: number;
}

export interface ReadOptions {
  /** Longest time in the engine, seconds. */
  timeoutSeconds?: number;
}

/**
 * Reads the sums that the metrics need, for every split.
 * @throws SwitchboardError `clickhouse_unavailable` or `clickhouse_refused`
 */
export async function readMetrics(
  clickhouse: ClickHouse,
  query: MetricQuery,
  { timeoutSeconds = 10 }: ReadOptions = {},
): Promise<Groups> {
  const settings: Settings = {
    max_execution_time: timeoutSeconds,
    output_format_json_quote_64bit_integers: 0,
    // Two cores serve everybody: one reader may not take them all.
    max_threads: 2,
  };
  const groups: Groups = new Map(query.splits.map((split) => [split.id, new Map()]));
  const answers = await Promise.all(
    compile(query).map(async (compiled) => ({
      compiled,
      rows: await clickhouse.query<Row>(compiled.sql, compiled.params, settings),
    })),
  );
  for (const { compiled, rows } of answers) for (const row of rows) addRow(groups, compiled, row);
  return groups;
}

function addRow(groups: Groups, compiled: CompiledQuery, row: Row): void {
  const split = compiled.splits[row.s];
  const group = split && groups.get(split.id);
  if (!group)
    throw new SwitchboardError('clickhouse_answer', 'ClickHouse answered for a split not asked for');
  const totals = group.get(row.k) ?? emptyTotals();
  group.set(row.k, totals);
  if (compiled.distinct !== undefined) totals.distincts.set(compiled.distinct, row.n ?? 0);
  else addTotals(totals, totalsOf(compiled, row));
}

function totalsOf({ sums, byCurrency, histograms }: CompiledQuery, { m = [], c = [], h = [] }: Row): Totals {
  const buckets = (counts: Record<string, number> = {}) =>
    new Map(Object.entries(counts).map(([bucket, count]) => [Number(bucket), count]));
  return {
    sums: new Map(sums.map((key, index) => [key, m[index] ?? 0])),
    byCurrency: new Map(byCurrency.map((key, index) => [key, new Map(Object.entries(c[index] ?? {}))])),
    histograms: new Map(histograms.map((column, index) => [column, buckets(h[index])])),
    distincts: new Map(),
  };
}
