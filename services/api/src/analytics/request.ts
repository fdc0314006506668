import { factValueOf, findDimension, findMetric } from '@switchboard/domain/metrics/catalogue';
import type {
  Catalogue,
  DimensionDefinition,
  MetricDefinition,
} from '@switchboard/domain/metrics/definition';
import { type Comparison, comparisons } from '@switchboard/domain/periods/compare';
import {
  aggregations,
  type Calendar,
  type Period,
  PeriodError,
  resolvePeriod,
  timePeriods,
} from '@switchboard/domain/periods/period';
import { type ProblemError, RequestProblem } from '@switchboard/platform/problem';
import { z } from 'zod';

/** `a,b` and `a&…=b` are the same list, without repeats. */
const words = z
  .union([z.string(), z.array(z.string())])
  .transform((given) =>
    [...new Set([given].flat().flatMap((text) => text.split(',')))].map((word) => word.trim()),
  )
  .refine((list) => list.length <= 50 && list.every((word) => word.length > 0 && word.length <= 100), {
    error: 'must be up to 50 words of up to 100 characters',
  })
  .optional();

const date = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date, e.g. 2026-11-20')
  .optional();
const count = (most: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number up to ${most}`)
    .transform(Number)
    .refine((value) => value <= most, `must be at most ${most}`)
    .default(fallback);

/** Parameters of `GET /analytics/voice-calls`. */
export const voiceAnalyticsQuery = z.strictObject({
  time_period: z.enum(timePeriods).default('last_30_days'),
  start_date: date.describe('First day, for time_period=custom.'),
  end_date: date.describe('Last day, inclusive.'),
  aggregation: z.enum(aggregations).optional().describe('By length when left out; at most 1,000 buckets.'),
  compare: z.enum(comparisons).default('none'),
  metrics: words.describe('Metric ids; all of the category when left out.'),
  breakdowns: words.describe('Dimension ids to split by.'),
  direction: words,
  status: words,
  intent: words,
  outcome: words,
  language: words,
  sentiment: words,
  agent: words,
  end_reason: words,
  currency: words,
  limit: count(500, 50).describe('Rows of each breakdown.'),
  offset: count(1_000_000, 0),
});

export type VoiceAnalyticsQuery = z.infer<typeof voiceAnalyticsQuery>;

export interface Filter {
  dimension: DimensionDefinition;
  /** As the facts hold them. */
  values: readonly string[];
}

/** What is asked, in terms of the catalogue and the tenant's calendar. */
export interface AnalyticsRequest {
  catalogue: Catalogue;
  period: Period;
  compare: Comparison;
  metrics: readonly MetricDefinition[];
  breakdowns: readonly DimensionDefinition[];
  filters: readonly Filter[];
  limit: number;
  offset: number;
}

/** @throws RequestProblem 422 naming every parameter that is wrong, and what would be right. */
export function toAnalyticsRequest(
  query: VoiceAnalyticsQuery,
  catalogue: Catalogue,
  calendar: Calendar,
): AnalyticsRequest {
  const errors: ProblemError[] = [];
  const pick = <T>(
    parameter: string,
    ids: readonly string[],
    find: (id: string) => T | undefined,
    all: readonly { id: string }[],
  ) =>
    ids.flatMap((id) => {
      const found = find(id);
      if (found !== undefined) return [found];
      errors.push({
        location: `query.${parameter}`,
        message: `is not known for ${catalogue.category}`,
        fix: `any of ${all.map((one) => one.id).join(', ')}`,
      });
      return [];
    });
  const metrics = query.metrics
    ? pick('metrics', query.metrics, (id) => findMetric(catalogue, id), catalogue.metrics)
    : catalogue.metrics;
  const breakdowns = pick(
    'breakdowns',
    query.breakdowns ?? [],
    (id) => findDimension(catalogue, id),
    catalogue.dimensions,
  );
  const filters = filtersOf(query, catalogue, errors);
  const period = periodOf(query, calendar, errors);
  if (errors.length > 0 || !period)
    throw new RequestProblem(422, 'invalid_request', 'The query has parameters that cannot be used.', {
      errors,
    });
  const { compare, limit, offset } = query;
  return { catalogue, period, compare, metrics, breakdowns, filters, limit, offset };
}

function filtersOf(query: VoiceAnalyticsQuery, catalogue: Catalogue, errors: ProblemError[]): Filter[] {
  const given = new Map(Object.entries(query));
  return catalogue.dimensions
    .filter((dimension) => dimension.filter)
    .flatMap((dimension) => {
      const values: unknown = given.get(dimension.id);
      if (!Array.isArray(values)) return [];
      const known = dimension.values && [...dimension.values, 'unknown'];
      if (known && values.some((value) => !known.includes(value)))
        errors.push({
          location: `query.${dimension.id}`,
          message: 'has a value that is not known',
          fix: `any of ${known.join(', ')}`,
        });
      return [{ dimension, values: values.map(factValueOf) }];
    });
}

function periodOf(
  query: VoiceAnalyticsQuery,
  calendar: Calendar,
  errors: ProblemError[],
): Period | undefined {
  try {
    return resolvePeriod(
      {
        timePeriod: query.time_period,
        startDate: query.start_date,
        endDate: query.end_date,
        aggregation: query.aggregation,
      },
      calendar,
    );
  } catch (error) {
    if (!(error instanceof PeriodError)) throw error;
    errors.push({ location: `query.${error.parameter}`, message: error.message, fix: error.fix });
    return undefined;
  }
}
