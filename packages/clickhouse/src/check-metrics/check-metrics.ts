import { factDefinitions } from '@switchboard/domain/facts/fact-definitions';
import { voiceCallFact } from '@switchboard/domain/facts/voice-call';
import {
  type AskedMetric,
  conditionColumns,
  type Home,
  problemsOf,
} from '@switchboard/domain/metrics/answerable';
import { catalogues } from '@switchboard/domain/metrics/catalogue';
import { realtimeCatalogue } from '@switchboard/domain/metrics/realtime';
import { dimensionsOf } from '@switchboard/domain/metrics/record-dimensions';
import { isSummed, type RecordMetricDefinition } from '@switchboard/domain/metrics/record-metric';
import { recordMetrics } from '@switchboard/domain/metrics/record-metrics';
import { termsIn } from '@switchboard/domain/metrics/totals';
import { type FactTable, factColumns } from '../facts/fact-table.ts';
import { factTables } from '../facts/index.ts';
import { descriptionOf, type Table } from '../query/metric-query.ts';

/** Where a metric is read, and what keeps it from being answered there. */
export interface CheckedMetric {
  id: string;
  category: string;
  basis: string;
  /** Tables of ClickHouse or Postgres, or the name of an exported series. */
  tables: readonly string[];
  columns: readonly string[];
  /** Empty: it can be answered. */
  problems: readonly string[];
}

/** Every metric of every category, in the catalogue's order. */
export function checkMetrics(tables: readonly FactTable[] = factTables): CheckedMetric[] {
  return [
    ...recordMetrics.map((metric) => checkRecordMetric(metric, tables)),
    ...catalogues.flatMap(({ category, kind, basis, metrics, dimensions }) =>
      metrics.map((metric) => {
        const columns = dimensions
          .filter(({ id }) => metric.dimensions.includes(id))
          .map(({ column }) => column);
        return { category, ...checkSummed(metric, columns, tables, { kind, basis }) };
      }),
    ),
    ...realtimeCatalogue.map(({ id, category, basis, calculation }) => {
      const checked = { id, category, basis, tables: [], columns: [], problems: [] };
      if (calculation.kind === 'records') return { ...checked, ...tablesAndColumns(calculation.tables) };
      if (calculation.kind === 'count_now')
        return { ...checked, ...tablesAndColumns({ [calculation.of]: Object.keys(calculation.where) }) };
      if (calculation.kind === 'exported') return { ...checked, tables: [calculation.name] };
      const sum = { id, source: 'hourly', calculation: { kind: 'sum', of: calculation.of } } as const;
      return { ...checked, ...checkSummed(sum, [], tables), basis };
    }),
  ];
}

function checkRecordMetric(metric: RecordMetricDefinition, tables: readonly FactTable[]): CheckedMetric {
  const { id, category, basis } = metric;
  if (!isSummed(metric)) {
    const named = metric.calculation.kind === 'records' ? metric.calculation.tables : {};
    return { id, category, basis, ...tablesAndColumns(named), problems: [] };
  }
  const kinds = new Set(termsIn(metric.calculation).map((term) => term.fact));
  const facts = factDefinitions.filter(({ kind }) => kinds.has(kind));
  const columns = dimensionsOf(category, facts).map(({ column }) => column);
  return { category, ...checkSummed(metric, columns, tables) };
}

/** By the definitions of facts, and by the columns of the tables that were made of them. */
function checkSummed(
  metric: AskedMetric,
  dimensions: readonly string[],
  tables: readonly FactTable[],
  home: Home = { kind: '', basis: '' },
): Omit<CheckedMetric, 'category'> {
  const { id, source, calculation } = metric;
  const problems = problemsOf(metric, [voiceCallFact, ...factDefinitions], home);
  const terms = termsIn(calculation).map((term) => ({
    kind: term.fact ?? home.kind,
    basis: term.basis ?? home.basis,
    columns: [
      term.column,
      ...conditionColumns(calculation, term),
      ...(term.past === undefined ? [] : [term.past.column]),
      ...(calculation.kind === 'distinct_ratio' ? [calculation.id] : []),
    ],
  }));
  for (const { kind, columns } of terms) {
    const fact = tables.find((table) => table.kind === kind);
    if (fact === undefined) {
      problems.push(`${id}: ClickHouse has no tables of ${kind}`);
      continue;
    }
    const missing = [
      ...columns.filter((column) => !columnsOf(fact, source).includes(column)).map((one) => [source, one]),
      ...dimensions.filter((column) => !(column in factColumns(fact))).map((one) => ['facts', one]),
    ];
    for (const [table, column] of missing)
      problems.push(`${id}: ${kind} has no column ${column} in its ${table}`);
  }
  return {
    id,
    basis: [...new Set(terms.map((term) => term.basis))].join(', '),
    tables: [
      ...new Set(
        terms.map(({ kind }) => (source === 'facts' ? `fact_${kind}` : `analytics_${kind}_${source}`)),
      ),
    ],
    columns: [...new Set(terms.flatMap((term) => term.columns))],
    problems,
  };
}

function columnsOf(fact: FactTable, table: Table): readonly string[] {
  return [...descriptionOf(fact, table), fact.count, ...fact.measures, ...fact.histograms];
}

function tablesAndColumns(named: Readonly<Record<string, readonly string[]>>) {
  const columns = Object.entries(named).flatMap(([table, of]) => of.map((column) => `${table}.${column}`));
  return { tables: Object.keys(named), columns };
}
