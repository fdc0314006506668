import { keyOfFactValue } from '@switchboard/domain/metrics/catalogue';
import type { MetricDefinition } from '@switchboard/domain/metrics/definition';
import { changeOf, evaluate } from '@switchboard/domain/metrics/totals';
import { zonedIso } from '@switchboard/domain/periods/zone';
import type { AnalyticsAnswer, SummaryValue } from './answer-schema.ts';
import { type AnalyticsData, splitDimensions } from './read-answer.ts';
import type { AnalyticsRequest } from './request.ts';
import { createValuesOf, currenciesBeside, rowsOf } from './values.ts';

/** An answer without how fresh it is. */
export type AnswerBody = Omit<AnalyticsAnswer, 'as_of' | 'freshness_ms'>;

/** Builds the answer of one category; `page` false leaves the rows of breakdowns uncut. */
export function toAnswer(request: AnalyticsRequest, data: AnalyticsData, page = true): AnswerBody {
  const { period, metrics, breakdowns, filters, limit, offset } = request;
  const { calendar } = period;
  const { comparePeriod, previous } = data;
  const iso = (instant: number) => zonedIso(instant, calendar.zone);
  const valuesOf = createValuesOf(metrics, currenciesBeside(metrics, data));
  const compared = new Map(comparePeriod?.buckets.map((bucket) => [bucket.key, bucket]));
  return {
    period: {
      time_period: period.timePeriod,
      start: period.start,
      end: period.end,
      time_zone: calendar.zone,
      aggregation: period.aggregation,
    },
    compare_period: comparePeriod
      ? {
          start: comparePeriod.start,
          end: comparePeriod.end,
          until: iso(comparePeriod.until),
          complete: !comparePeriod.cut,
        }
      : null,
    filters: Object.fromEntries(
      filters.map(({ dimension, values }) => [dimension.id, values.map(keyOfFactValue)]),
    ),
    summary: Object.fromEntries(metrics.map((metric) => [metric.id, summaryOf(metric, data, request)])),
    series: data.buckets.map((bucket) => {
      const counterpart = compared.get(bucket.key);
      return {
        start: iso(bucket.start),
        end: iso(bucket.end),
        complete: bucket.end <= calendar.now,
        ...valuesOf(data.current.buckets.get(bucket.key)),
        ...(previous && {
          previous:
            counterpart && counterpart.start < (comparePeriod?.until ?? 0)
              ? {
                  start: iso(counterpart.start),
                  ...valuesOf(previous.buckets.get(bucket.key)),
                }
              : null,
        }),
      };
    }),
    breakdowns: Object.fromEntries(
      breakdowns.map((dimension) => {
        const rows = rowsOf(dimension, metrics, data);
        return [dimension.id, { rows: page ? rows.slice(offset, offset + limit) : rows, total: rows.length }];
      }),
    ),
    pagination: { limit, offset },
  };
}

function summaryOf(metric: MetricDefinition, data: AnalyticsData, request: AnalyticsRequest): SummaryValue {
  const currencies = currenciesBeside([metric], data).get(metric.id);
  const { value, currency, byCurrency } = evaluate(metric, data.current.whole, currencies);
  const before = data.previous && evaluate(metric, data.previous.whole, currencies);
  const previous = before?.value ?? null;
  return {
    value,
    previous,
    change: changeOf(value, previous),
    ...(currency !== undefined && { currency }),
    ...(byCurrency && { by_currency: byCurrency }),
    ...(before?.byCurrency && { previous_by_currency: before.byCurrency }),
    ...(metric.calculation.kind === 'mix' && {
      parts: partsOf(metric, metric.calculation.by, data, request),
    }),
  };
}

function partsOf(metric: MetricDefinition, by: string, data: AnalyticsData, request: AnalyticsRequest) {
  const dimension = splitDimensions(request).find(({ id }) => id === by);
  if (!dimension) return [];
  const whole = evaluate(metric, data.current.whole).value ?? 0;
  return rowsOf(dimension, [metric], data).map(({ key, label, values, previous }) => ({
    key,
    label,
    value: values[metric.id] ?? 0,
    share: whole === 0 ? null : Math.round(((values[metric.id] ?? 0) / whole) * 1e6) / 1e6,
    ...(previous && { previous: previous[metric.id] ?? 0 }),
  }));
}
