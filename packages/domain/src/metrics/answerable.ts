import type { FactDefinition } from '../facts/fact-definition.ts';
import { type FactTerm, type RecordMetricDefinition, termsIn } from './record-metric.ts';

/**
 * Why the facts, or the sums that are kept of them, can't answer a metric at its source; empty when they can. What is
 * counted among the records of Postgres is not judged here.
 */
export function problemsOf(metric: RecordMetricDefinition, definitions: readonly FactDefinition[]): string[] {
  const { calculation } = metric;
  const terms = termsIn(calculation);
  const problems = terms.flatMap((term) => {
    const fact = definitions.find(({ kind }) => kind === term.fact);
    return fact === undefined ? [`no fact ${term.fact}`] : termProblems(metric, term, fact);
  });
  const bases = new Set(terms.map((term) => term.basis));
  if (bases.size > 1) problems.push(`counts under several dates: ${[...bases].join(', ')}`);
  return problems.map((problem) => `${metric.id}: ${problem}`);
}

function termProblems(metric: RecordMetricDefinition, term: FactTerm, fact: FactDefinition): string[] {
  const { calculation, source } = metric;
  const problems: string[] = [];
  const needs = (column: string, among: readonly string[], what: string) => {
    if (!among.includes(column)) problems.push(`fact_${fact.kind} has no ${what} ${column}`);
  };
  const ids = columnsOfType(fact, 'id');
  needs(term.basis, fact.bases, 'basis');
  if (calculation.kind === 'quantile') needs(term.column, fact.histograms, 'histogram');
  else if (calculation.kind === 'distinct') needs(term.column, ids, 'id');
  else needs(term.column, [fact.count, ...fact.measures], 'measure');
  if (calculation.kind === 'distinct_ratio') needs(calculation.id, ids, 'id');

  const kept = source === 'facts' ? Object.keys(fact.dimensions) : fact.rollupDimensions;
  const what = `column in its ${source}`;
  for (const column of Object.keys(term.where ?? {})) needs(column, kept, what);
  if (calculation.kind === 'mix') needs(calculation.by, kept, what);
  if (calculation.kind === 'sum' && calculation.currency !== undefined)
    needs(calculation.currency, kept, what);
  if (term.past !== undefined) needs(term.past.column, instantsOf(fact, source), `instant in its ${source}`);
  return problems;
}

/** What can be compared with the clock: days can't, since a day that is not over has hours that are. */
function instantsOf(fact: FactDefinition, source: RecordMetricDefinition['source']): string[] {
  if (source === 'hourly') return ['hour_start'];
  return source === 'facts' ? ['hour_start', 'occurred_at', ...columnsOfType(fact, 'time')] : [];
}

function columnsOfType(fact: FactDefinition, type: string): string[] {
  return Object.entries(fact.dimensions).flatMap(([name, of]) => (of === type ? [name] : []));
}
