import type { FactDefinition } from '../facts/fact-definition.ts';
import type { MetricSource, Term } from './definition.ts';
import { type SummedMetric, termsIn } from './totals.ts';

/** A metric of any category that comes out of sums over facts. */
export interface AskedMetric extends SummedMetric {
  id: string;
  source: MetricSource;
}

/** Kind and basis of terms that name none. */
export interface Home {
  kind: string;
  basis: string;
}

/** Why the facts, or the sums that are kept of them, can't answer a metric at its source; empty when they can. */
export function problemsOf(
  metric: AskedMetric,
  definitions: readonly FactDefinition[],
  home: Home = { kind: '', basis: '' },
): string[] {
  const terms = termsIn(metric.calculation);
  const problems = terms.flatMap((term) => {
    const kind = term.fact ?? home.kind;
    const fact = definitions.find((definition) => definition.kind === kind);
    return fact === undefined
      ? [`no fact ${kind}`]
      : termProblems(metric, term, fact, term.basis ?? home.basis);
  });
  const bases = new Set(terms.map((term) => term.basis ?? home.basis));
  if (bases.size > 1) problems.push(`counts under several dates: ${[...bases].join(', ')}`);
  return problems.map((problem) => `${metric.id}: ${problem}`);
}

function termProblems(metric: AskedMetric, term: Term, fact: FactDefinition, basis: string): string[] {
  const { calculation, source } = metric;
  const problems: string[] = [];
  const needs = (column: string, among: readonly string[], what: string) => {
    if (!among.includes(column)) problems.push(`fact_${fact.kind} has no ${what} ${column}`);
  };
  const ids = columnsOfType(fact, 'id');
  needs(basis, fact.bases, 'basis');
  if (calculation.kind === 'quantile') needs(term.column, fact.histograms, 'histogram');
  else if (calculation.kind === 'distinct') needs(term.column, ids, 'id');
  else needs(term.column, [fact.count, ...fact.measures], 'measure');
  if (calculation.kind === 'distinct_ratio') needs(calculation.id, ids, 'id');

  const kept = source === 'facts' ? Object.keys(fact.dimensions) : fact.rollupDimensions;
  for (const column of conditionColumns(calculation, term)) needs(column, kept, `column in its ${source}`);
  if (term.past !== undefined) needs(term.past.column, instantsOf(fact, source), `instant in its ${source}`);
  return problems;
}

/** The columns by which a metric tells facts apart, besides instants. */
export function conditionColumns(calculation: SummedMetric['calculation'], term: Term): string[] {
  const columns = Object.keys(term.where ?? {});
  if (calculation.kind === 'mix') columns.push(calculation.by);
  if ('currency' in calculation && calculation.currency !== undefined) columns.push(calculation.currency);
  return columns;
}

/** What can be compared with the clock: days can't, since a day that is not over has hours that are. */
function instantsOf(fact: FactDefinition, source: MetricSource): string[] {
  if (source === 'hourly') return ['hour_start'];
  return source === 'facts' ? ['hour_start', 'occurred_at', ...columnsOfType(fact, 'time')] : [];
}

function columnsOfType(fact: FactDefinition, type: string): string[] {
  return Object.entries(fact.dimensions).flatMap(([name, of]) => (of === type ? [name] : []));
}
