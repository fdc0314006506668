import { quantileOfHistogram } from '../histogram.ts';
import type { Calculation, Term } from './definition.ts';
import type { SummedRecordCalculation } from './record-metric.ts';

/** What a metric of any category has that comes out of sums over facts. */
export interface SummedMetric {
  calculation: Calculation | SummedRecordCalculation;
}

/** Sums over one group of facts (a bucket, a row of a breakdown, a whole period), ready for any metric. */
export interface Totals {
  /** By {@link termKey}. */
  sums: Map<string, number>;
  /** By {@link termKey}, then currency. */
  byCurrency: Map<string, Map<string, number>>;
  /** By {@link termKey}: bucket to count. */
  histograms: Map<string, Map<number, number>>;
  /** By {@link distinctKey}; not additive. */
  distincts: Map<string, number>;
}

/** How many different values a column has in the facts whose measure, or number, is above 0 in sum. */
export interface Distinct {
  id: string;
  of: Term;
}

/** What must be summed for some metrics. */
export interface Needs {
  sums: Map<string, Term>;
  byCurrency: Map<string, { term: Term; currency: string }>;
  histograms: Map<string, Term>;
  distincts: Map<string, Distinct>;
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
  const past = term.past === undefined ? '' : `__past_${term.past.column}_${term.past.by}`;
  const whole = [term.fact, term.basis, term.column].filter((part) => part !== undefined).join('__');
  const key = [whole, ...conditions, past].join('').replace(/[^A-Za-z0-9_]/g, '_');
  termKeys.set(term, key);
  return key;
}

/** An answer asks for the catalogue's terms thousands of times. */
const termKeys = new WeakMap<Term, string>();

/** The sums that a list of metrics is made of, each once. */
export function needsOf(metrics: readonly SummedMetric[]): Needs {
  const needs: Needs = {
    sums: new Map(),
    byCurrency: new Map(),
    histograms: new Map(),
    distincts: new Map(),
  };
  for (const { calculation } of metrics) addNeeds(needs, calculation);
  return needs;
}

function addNeeds(needs: Needs, calculation: SummedMetric['calculation']): void {
  switch (calculation.kind) {
    case 'quantile': {
      const term = histogramOf(calculation);
      needs.histograms.set(termKey(term), term);
      break;
    }
    case 'distinct':
    case 'distinct_ratio':
      for (const distinct of distinctsOf(calculation)) needs.distincts.set(distinctKey(distinct), distinct);
      break;
    case 'mix':
      needs.sums.set(termKey(calculation.of), calculation.of);
      break;
    case 'sum':
    case 'ratio': {
      const { currency } = currencyOf(calculation);
      for (const term of [...termsOf(calculation.of), ...denominatorOf(calculation)]) {
        if (currency === undefined) needs.sums.set(termKey(term), term);
        else needs.byCurrency.set(termKey(term), { term, currency });
      }
    }
  }
}

/** The distinct counts that a metric is made of; a share has two, in the order of its division. */
function distinctsOf(
  calculation: Extract<SummedMetric['calculation'], { kind: 'distinct' | 'distinct_ratio' }>,
): Distinct[] {
  if (calculation.kind === 'distinct') return [{ id: calculation.of.column, of: calculation.of }];
  const { id, of, to } = calculation;
  return [
    { id, of },
    { id, of: to },
  ];
}

/** A name for a distinct count, as {@link termKey}. */
export function distinctKey({ id, of }: Distinct): string {
  return id === of.column ? termKey(of) : `${id}__of__${termKey(of)}`;
}

/** Every term that a calculation needs. */
export function termsIn(calculation: SummedMetric['calculation']): readonly Term[] {
  switch (calculation.kind) {
    case 'sum':
    case 'ratio':
      return [...termsOf(calculation.of), ...denominatorOf(calculation)];
    case 'distinct_ratio':
      return [calculation.of, calculation.to];
    case 'quantile':
      return [histogramOf(calculation)];
    case 'distinct':
    case 'mix':
      return [calculation.of];
  }
}

type Quotient = Extract<SummedMetric['calculation'], { kind: 'sum' | 'ratio' }>;
type Quantile = Extract<SummedMetric['calculation'], { kind: 'quantile' }>;

function termsOf(terms: Term | readonly Term[]): readonly Term[] {
  return 'column' in terms ? [terms] : terms;
}

function denominatorOf(calculation: Quotient): readonly Term[] {
  return calculation.kind === 'ratio' ? termsOf(calculation.to) : [];
}

function histogramOf(calculation: Quantile): Term {
  return 'histogram' in calculation ? { column: calculation.histogram } : calculation.of;
}

function currencyOf(calculation: Quotient): { currency?: string } {
  return 'currency' in calculation ? { currency: calculation.currency } : {};
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
  metric: SummedMetric,
  totals: Totals,
  currencies: readonly string[] = [],
): MetricValue {
  const { calculation } = metric;
  switch (calculation.kind) {
    case 'quantile': {
      const counts = totals.histograms.get(termKey(histogramOf(calculation))) ?? new Map<number, number>();
      return { value: scale(quantileOfHistogram(counts, calculation.q), calculation.per) };
    }
    case 'distinct':
    case 'distinct_ratio': {
      const [of = 0, to] = distinctsOf(calculation).map((one) => totals.distincts.get(distinctKey(one)) ?? 0);
      return { value: to === undefined ? of : divide(of, to) };
    }
    case 'mix':
      return { value: totals.sums.get(termKey(calculation.of)) ?? 0 };
    case 'sum':
    case 'ratio':
      return currencyOf(calculation).currency === undefined
        ? { value: quotient(calculation, (term) => totals.sums.get(termKey(term)) ?? 0) }
        : money(calculation, totals, currenciesOf(metric, totals), currencies);
  }
}

function quotient(calculation: Quotient, of: (term: Term) => number): number | null {
  const numerator = total(termsOf(calculation.of), of);
  return calculation.kind === 'sum'
    ? scale(numerator, calculation.per)
    : divide(numerator, total(termsOf(calculation.to), of), calculation.per);
}

function total(terms: readonly Term[], of: (term: Term) => number): number {
  return terms.reduce((sum, term) => sum + of(term), 0);
}

function divide(numerator: number, denominator: number, per?: number): number | null {
  return denominator === 0 ? null : scale(numerator / denominator, per);
}

/** The currencies of a cost, sorted; none for a metric that is no cost. Facts without a cost have none. */
export function currenciesOf({ calculation }: SummedMetric, totals: Totals): readonly string[] {
  if (calculation.kind !== 'sum' && calculation.kind !== 'ratio') return [];
  if (currencyOf(calculation).currency === undefined) return [];
  const countsOf = (terms: readonly Term[]) =>
    terms.flatMap((term) => [...(totals.byCurrency.get(termKey(term)) ?? [])]);
  const amounts = countsOf(termsOf(calculation.of));
  const named = [...amounts, ...countsOf(denominatorOf(calculation))].filter(
    ([currency, amount]) => currency !== '' && amount !== 0,
  );
  const unnamed = amounts.some(([currency, amount]) => currency === '' && amount !== 0);
  return [...new Set(named.map(([currency]) => currency).sort()), ...(unnamed ? [unknownCurrency] : [])];
}

/** What answers call the currency of an amount that came without one. */
const unknownCurrency = 'unknown';

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
