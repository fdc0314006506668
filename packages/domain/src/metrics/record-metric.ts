import type { FactDefinition } from '../facts/fact-definition.ts';
import { factDefinitions } from '../facts/fact-definitions.ts';
import type { MetricDefinition, MetricSource, MetricUnit, Term } from './definition.ts';
import { dimensionsOf } from './record-dimensions.ts';

/** A sum over the facts of one kind under one basis. Its column is the kind's `count`, or one of its measures. */
export interface FactTerm extends Term {
  fact: string;
  basis: string;
}

/** How a metric of the clinic's records comes about. Terms in a list are added up. */
export type RecordCalculation =
  | { kind: 'sum'; of: readonly FactTerm[]; per?: number; currency?: string }
  /** A zero denominator gives null. */
  | { kind: 'ratio'; of: readonly FactTerm[]; to: readonly FactTerm[]; per?: number }
  /** The term's column is a histogram. */
  | { kind: 'quantile'; of: FactTerm; q: number; per: number }
  /** The term's column is an id: how many of them have Σ sign > 0. */
  | { kind: 'distinct'; of: FactTerm }
  /** How many ids are in facts whose measure is not 0, of those in the facts of `to`. */
  | { kind: 'distinct_ratio'; of: FactTerm; to: FactTerm; id: string }
  | { kind: 'mix'; of: FactTerm; by: string }
  /**
   * Counted among the records of Postgres: as they are now, or those of a period by one of their dates. Each table has
   * the columns that it takes.
   */
  | { kind: 'records'; basis: string; tables: Readonly<Record<string, readonly string[]>> };

/** What comes out of sums over facts. */
export type SummedRecordCalculation = Exclude<RecordCalculation, { kind: 'records' }>;

export type RecordMetricUnit =
  | MetricUnit
  | 'appointments'
  | 'journeys'
  | 'steps'
  | 'patients'
  | 'contacts'
  | 'moves'
  | 'messages'
  | 'conversations'
  | 'hours'
  | 'days';

export type RecordMetricDefinition = Omit<MetricDefinition, 'calculation' | 'source' | 'unit'> & {
  unit: RecordMetricUnit;
  calculation: RecordCalculation;
  source: MetricSource | 'postgres';
};

type Given = Pick<RecordMetricDefinition, 'category' | 'settlesAfter'>;

/** A metric that ClickHouse answers. */
export type SummedRecordMetric = RecordMetricDefinition & {
  calculation: SummedRecordCalculation;
  source: MetricSource;
};

export function isSummed(metric: RecordMetricDefinition): metric is SummedRecordMetric {
  return metric.calculation.kind !== 'records';
}

/** Makes the metrics of one category; source, basis and dimensions follow from the calculation. */
export function metricsOf({ category, settlesAfter }: Given) {
  return (
    id: string,
    label: string,
    unit: RecordMetricUnit,
    betterIs: RecordMetricDefinition['betterIs'],
    definition: string,
    calculation: RecordCalculation,
    more: Partial<Pick<RecordMetricDefinition, 'synonyms' | 'settlesAfter'>> = {},
  ): RecordMetricDefinition => ({
    id,
    label,
    category,
    unit,
    definition,
    basis: basisOf(calculation),
    calculation,
    source: sourceOf(calculation),
    settlesAfter: basisOf(calculation) === 'now' ? 'P0D' : settlesAfter,
    dimensions: dimensionsOf(category, factsIn(calculation)).map((dimension) => dimension.id),
    synonyms: [],
    betterIs,
    ...more,
  });
}

/** Terms over one kind of fact under one basis; without a column its number is counted. */
export function termsOf(fact: FactDefinition, basis: string) {
  return (column: string = fact.count, where?: Term['where']): FactTerm => ({
    fact: fact.kind,
    basis,
    column,
    ...(where === undefined ? {} : { where }),
  });
}

/** Only what lies this far back when the question is asked; by default, what is of an hour that is over. */
export function past(term: FactTerm, by = 'PT1H', column = 'hour_start'): FactTerm {
  return { ...term, past: { column, by } };
}

export const sum = (...of: FactTerm[]): RecordCalculation => ({ kind: 'sum', of });
export const ratio = (of: FactTerm | FactTerm[], to: FactTerm | FactTerm[], per = 1): RecordCalculation => ({
  kind: 'ratio',
  of: [of].flat(),
  to: [to].flat(),
  per,
});
export const quantile = (of: FactTerm, q: number, per: number): RecordCalculation => ({
  kind: 'quantile',
  of,
  q,
  per,
});
export const recordsOf =
  (basis: string) =>
  (tables: Readonly<Record<string, readonly string[]>>): RecordCalculation => ({
    kind: 'records',
    basis,
    tables,
  });
export const recordsNow = recordsOf('now');

/** None where it is not of facts. */
function factTermsIn(calculation: RecordCalculation): readonly FactTerm[] {
  switch (calculation.kind) {
    case 'sum':
      return calculation.of;
    case 'ratio':
      return [...calculation.of, ...calculation.to];
    case 'distinct_ratio':
      return [calculation.of, calculation.to];
    case 'quantile':
    case 'distinct':
    case 'mix':
      return [calculation.of];
    case 'records':
      return [];
  }
}

function basisOf(calculation: RecordCalculation): string {
  return calculation.kind === 'records' ? calculation.basis : (factTermsIn(calculation)[0]?.basis ?? 'now');
}

function factsIn(calculation: RecordCalculation): FactDefinition[] {
  const kinds = new Set(factTermsIn(calculation).map((term) => term.fact));
  return factDefinitions.filter(({ kind }) => kinds.has(kind));
}

/** The coarsest table that holds what is asked for. */
function sourceOf(calculation: RecordCalculation): RecordMetricDefinition['source'] {
  if (calculation.kind === 'records') return 'postgres';
  if (calculation.kind === 'distinct' || calculation.kind === 'distinct_ratio') return 'facts';
  const kept = new Set(factsIn(calculation).flatMap((fact) => fact.rollupDimensions));
  const columns = factTermsIn(calculation).flatMap((term) => Object.keys(term.where ?? {}));
  const instants = factTermsIn(calculation).flatMap((term) => term.past?.column ?? []);
  if (columns.some((column) => !kept.has(column)) || instants.some((column) => column !== 'hour_start'))
    return 'facts';
  return instants.length > 0 ? 'hourly' : 'daily';
}
