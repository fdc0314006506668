import { keyOfFactValue, labelOf } from '@switchboard/domain/metrics/catalogue';
import type { DimensionDefinition, MetricDefinition } from '@switchboard/domain/metrics/definition';
import { currenciesOf, emptyTotals, evaluate, type Totals } from '@switchboard/domain/metrics/totals';
import type { BreakdownRow, ByCurrency, Values } from './answer-schema.ts';
import type { AnalyticsData, Measured } from './read-answer.ts';

/** The values of one group. */
export interface GroupValues {
  values: Values;
  by_currency?: ByCurrency;
}

/** By metric id: the currencies that every value of the answer stands beside. */
export type Currencies = ReadonlyMap<string, readonly string[]>;

/** Those of the whole; where it has no cost, those of what it is compared with. */
export function currenciesBeside(metrics: readonly MetricDefinition[], data: AnalyticsData): Currencies {
  return new Map(
    metrics.map((metric) => {
      const own = currenciesOf(metric, data.current.whole);
      return [metric.id, own.length > 0 || !data.previous ? own : currenciesOf(metric, data.previous.whole)];
    }),
  );
}

/** Evaluates groups. Those without facts, which are most of many buckets, share what they say. */
export function createValuesOf(metrics: readonly MetricDefinition[], currencies: Currencies) {
  const nothing = valuesOf(emptyTotals());
  return (totals?: Totals): GroupValues => (totals ? valuesOf(totals) : nothing);

  function valuesOf(totals: Totals): GroupValues {
    const values: Values = {};
    let amounts: ByCurrency;
    for (const metric of metrics) {
      const { value, byCurrency } = evaluate(metric, totals, currencies.get(metric.id));
      values[metric.id] = value;
      if (byCurrency) {
        amounts ??= {};
        amounts[metric.id] = byCurrency;
      }
    }
    return amounts ? { values, by_currency: amounts } : { values };
  }
}

/** Rows of a breakdown: numbers in their order, other keys by the first metric, largest first. */
export function rowsOf(
  dimension: DimensionDefinition,
  metrics: readonly MetricDefinition[],
  data: AnalyticsData,
): BreakdownRow[] {
  const of = (measured?: Measured) => measured?.breakdowns.get(dimension.id) ?? new Map<string, Totals>();
  const current = of(data.current);
  const before = of(data.previous);
  const valuesOf = createValuesOf(metrics, currenciesBeside(metrics, data));
  const first = metrics[0]?.id ?? '';
  return [...new Set([...current.keys(), ...before.keys()])]
    .map((value) => {
      const key = keyOfFactValue(value);
      const previous = data.previous && valuesOf(before.get(value));
      return {
        key,
        label: labelOf(dimension.id, key),
        ...valuesOf(current.get(value)),
        ...(previous && { previous: previous.values }),
        ...(previous?.by_currency && { previous_by_currency: previous.by_currency }),
      };
    })
    .sort((left, right) => {
      if (dimension.numeric) return Number(left.key) - Number(right.key);
      const [a, b] = [left.values[first] ?? -Infinity, right.values[first] ?? -Infinity];
      return a === b ? left.key.localeCompare(right.key) : b - a;
    });
}
