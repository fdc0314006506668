import { quantileOfHistogram } from '../histogram.ts';
import type { Calculation, MetricDefinition, Term } from './definition.ts';

/** Sums over one group of facts (a bucket, a row of a breakdown, a whole period), ready for any metric. */
export interface Totals {
  /** By {@link termKey}. */
  sums: Map<string, number>;
  /** By {@link termKey}, then currency. */
  byCurrency: Map<string, Map<string, number>>;
  /** By column: bucket to count. */
  histograms: Map<string, Map<number, number>>;
  /** By {@link termKey}; not additive. */
  distincts: Map<string, number>;
}

/** What must be summed for some metrics. */
export interface Needs {
  sums: Map<string, Term>;
  byCurrency: Map<string, { term: Term; currency: string }>;
  histograms: Set<string>;
  distincts: Map<string, Term>;
}

export interface MetricValue {
  value: number | null;
  /** Of a cost in one currency. */
  currency?: string;
  /** Of costs in several currencies, whose value is null; an amount without a currency is of `unknown`. */
  byCurrency?: Record<string, number | null>;
}

/** A name for a sum: letters, digits and `_` only, the same for the same sum. */
export function termKey(term: Term): string {
  const known = termKeys.get(term);
  if (known !== undefined) return known;
  const conditions = Object.entries(term.where ?? {}).map(
    ([name, values]) => `__${name}_${values.join('_or_')}`,
  );
  const key = [term.column, ...conditions].join('').replace(/[^A-Za-z0-9_]/g, '_');
  termKeys.set(term, key);
  return key;
}

/** An answer asks for the catalogue's terms thousands of times. */
const termKeys = new WeakMap<Term, string>();

/** The sums that a list of metrics is made of, each once. */
export function needsOf(metrics: readonly MetricDefinition[]): Needs {
  const needs: Needs = {
    sums: new Map(),
    byCurrency: new Map(),
    histograms: new Set(),
    distincts: new Map(),
  };
  for (const { calculation } of metrics) addNeeds(needs, calculation);
  return needs;
}

function addNeeds(needs: Needs, calculation: Calculation): void {
  if (calculation.kind === 'quantile') {
    needs.histograms.add(calculation.histogram);
  } else if (calculation.kind === 'distinct') {
    needs.distincts.set(termKey(calculation.of), calculation.of);
  } else {
    const terms = calculation.kind === 'ratio' ? [calculation.of, calculation.to] : [calculation.of];
    for (const term of terms) {
      if (calculation.kind !== 'mix' && calculation.currency !== undefined)
        needs.byCurrency.set(termKey(term), { term, currency: calculation.currency });
      else needs.sums.set(termKey(term), term);
    }
  }
}

export function emptyTotals(): Totals {
  return { sums: new Map(), byCurrency: new Map(), histograms: new Map(), distincts: new Map() };
}

/** Adds what can be added to `into`; distinct counts can't, and are left out. */
export function addTotals(into: Totals, more: Totals): Totals {
  addCounts(into.sums, more.sums);
  for (const [key, counts] of more.byCurrency) addCounts(nested(into.byCurrency, key), counts);
  for (const [key, counts] of more.histograms) addCounts(nested(into.histograms, key), counts);
  return into;
}

/**
 * The metric of one group. Sums of nothing are 0, rates with a zero denominator and quantiles of nothing are null.
 * Values are rounded to 6 decimals.
 * @param currencies those of what the value stands beside: it is given only when it and they are of one currency
 */
export function evaluate(
  metric: MetricDefinition,
  totals: Totals,
  currencies: readonly string[] = [],
): MetricValue {
  const { calculation } = metric;
  switch (calculation.kind) {
    case 'quantile': {
      const counts = totals.histograms.get(calculation.histogram) ?? new Map<number, number>();
      return { value: scale(quantileOfHistogram(counts, calculation.q), calculation.per) };
    }
    case 'distinct':
      return { value: totals.distincts.get(termKey(calculation.of)) ?? 0 };
    case 'mix':
      return { value: totals.sums.get(termKey(calculation.of)) ?? 0 };
    case 'sum':
    case 'ratio':
      return calculation.currency === undefined
        ? { value: quotient(calculation, (term) => totals.sums.get(termKey(term)) ?? 0) }
        : money(calculation, totals, currenciesOf(metric, totals), currencies);
  }
}

type Quotient = Extract<Calculation, { kind: 'sum' | 'ratio' }>;

function quotient(calculation: Quotient, of: (term: Term) => number): number | null {
  const numerator = of(calculation.of);
  if (calculation.kind === 'sum') return scale(numerator, calculation.per);
  const denominator = of(calculation.to);
  return denominator === 0 ? null : scale(numerator / denominator, calculation.per);
}

/** The currencies of a cost, sorted; none for a metric that is no cost. Facts without a cost have none. */
export function currenciesOf({ calculation }: MetricDefinition, totals: Totals): readonly string[] {
  if ((calculation.kind !== 'sum' && calculation.kind !== 'ratio') || calculation.currency === undefined)
    return [];
  const amounts = totals.byCurrency.get(termKey(calculation.of)) ?? noCounts;
  const counts = calculation.kind === 'ratio' ? totals.byCurrency.get(termKey(calculation.to)) : undefined;
  const named = [...amounts, ...(counts ?? [])].filter(
    ([currency, amount]) => currency !== '' && amount !== 0,
  );
  return [
    ...new Set(named.map(([currency]) => currency).sort()),
    ...((amounts.get('') ?? 0) === 0 ? [] : [unknownCurrency]),
  ];
}

/** What answers call the currency of an amount that came without one. */
const unknownCurrency = 'unknown';
const noCounts: ReadonlyMap<string, number> = new Map();

function money(
  calculation: Quotient,
  totals: Totals,
  own: readonly string[],
  beside: readonly string[],
): MetricValue {
  const inCurrency = (currency: string) => {
    // Facts without a currency are also those without a cost: nothing can be divided by them.
    if (currency === unknownCurrency && calculation.kind === 'ratio') return null;
    const name = currency === unknownCurrency ? '' : currency;
    return quotient(calculation, (term) => totals.byCurrency.get(termKey(term))?.get(name) ?? 0);
  };
  const all = beside.length === 0 ? own : [...new Set([...own, ...beside])].sort();
  const [only] = all;
  if (only === undefined) return { value: calculation.kind === 'sum' ? 0 : null };
  if (all.length === 1) return { value: inCurrency(only), currency: only };
  return {
    value: null,
    byCurrency: Object.fromEntries(all.map((currency) => [currency, inCurrency(currency)])),
  };
}

/** Relative change, to 4 decimals; null where there is nothing to compare or the base is 0. */
export function changeOf(value: number | null, previous: number | null): number | null {
  if (value === null || previous === null || previous === 0) return null;
  return Math.round(((value - previous) / Math.abs(previous)) * 1e4) / 1e4;
}

function scale(value: number | null, per = 1): number | null {
  return value === null ? null : Math.round((value / per) * 1e6) / 1e6;
}

function addCounts<K>(into: Map<K, number>, more: ReadonlyMap<K, number>): void {
  for (const [key, count] of more) into.set(key, (into.get(key) ?? 0) + count);
}

function nested<K, V>(maps: Map<string, Map<K, V>>, key: string): Map<K, V> {
  const map = maps.get(key) ?? new Map<K, V>();
  maps.set(key, map);
  return map;
}
