import { aggregations, timePeriods } from '@switchboard/domain/periods/period';
import { z } from 'zod';

const value = z.number().nullable();
const values = z.record(z.string(), value).describe('Metric id to value; null where nothing can be said.');
const byCurrency = z
  .record(z.string(), z.record(z.string(), value))
  .optional()
  .describe('Metric id to amounts by currency, of costs that are not all of one; their value is null.');
const instant = z.string().describe('RFC 3339 with the offset of the clinic’s zone.');
const localDate = z.string().describe('Local date of the clinic.');

const summaryValue = z.object({
  value,
  previous: value,
  change: value.describe('Relative: 0.05 is 5 % more.'),
  currency: z
    .string()
    .optional()
    .describe('Of amounts, here and in series and breakdowns; `unknown` where none was told.'),
  by_currency: z.record(z.string(), value).optional().describe('Of amounts in several currencies.'),
  previous_by_currency: z
    .record(z.string(), value)
    .optional()
    .describe('Of amounts before that are not all in the currency of the value.'),
  parts: z
    .array(
      z.object({
        key: z.string(),
        label: z.string(),
        value: z.number(),
        share: value,
        previous: z.number().optional(),
      }),
    )
    .optional()
    .describe('Of mixes.'),
});

const breakdownRow = z.object({
  key: z.string(),
  label: z.string(),
  values,
  by_currency: byCurrency,
  previous: values.optional(),
  previous_by_currency: byCurrency,
});

export const analyticsAnswer = z.object({
  period: z.object({
    time_period: z.enum(timePeriods),
    start: localDate,
    end: localDate,
    time_zone: z.string(),
    aggregation: z.enum(aggregations),
  }),
  compare_period: z
    .object({
      start: localDate,
      end: localDate,
      until: instant.describe('What came later is left out, as this period is not over either.'),
      complete: z.boolean(),
    })
    .nullable(),
  filters: z.record(z.string(), z.array(z.string())),
  summary: z.record(z.string(), summaryValue),
  series: z.array(
    z.object({
      start: instant,
      end: instant,
      complete: z.boolean().describe('Whether the bucket is over.'),
      values,
      by_currency: byCurrency,
      previous: z.object({ start: instant, values, by_currency: byCurrency }).nullable().optional(),
    }),
  ),
  breakdowns: z.record(z.string(), z.object({ rows: z.array(breakdownRow), total: z.number() })),
  pagination: z.object({ limit: z.number(), offset: z.number() }),
  as_of: z.string().nullable().describe('Everything stored before this instant is counted.'),
  freshness_ms: z.number().nullable(),
});

export type AnalyticsAnswer = z.infer<typeof analyticsAnswer>;
export type SummaryValue = z.infer<typeof summaryValue>;
export type BreakdownRow = z.infer<typeof breakdownRow>;
export type Values = z.infer<typeof values>;
export type ByCurrency = z.infer<typeof byCurrency>;
