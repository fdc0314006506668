import type {
  Catalogue,
  LiveMetricDefinition,
  MetricDefinition,
} from '@switchboard/domain/metrics/definition';
import { z } from 'zod';

const metric = z.object({
  id: z.string(),
  label: z.string(),
  category: z.string(),
  unit: z.string(),
  definition: z.string(),
  basis: z.string().describe('The date that a record counts under.'),
  source: z.string(),
  settles_after: z
    .string()
    .describe('ISO 8601 duration after a day’s end in which late events may still move it.'),
  dimensions: z.array(z.string()),
  synonyms: z.array(z.string()),
  better_is: z.enum(['up', 'down', 'neither']),
  calculation: z
    .looseObject({ kind: z.string() })
    .describe('Numerator and denominator over the facts’ columns; `count_now` over the records.'),
});

const dimension = z.object({
  id: z.string(),
  label: z.string(),
  definition: z.string(),
  filter: z.boolean().describe('Whether requests may filter by it.'),
  values: z.array(z.string()).nullable().describe('All values, when they are few and fixed.'),
});

export const metricList = z.object({
  metrics: z.array(metric),
  dimensions: z.record(z.string(), z.array(dimension)).describe('By category.'),
});

/** The catalogue as the API tells it. */
export function toMetricList(
  catalogues: readonly Catalogue[],
  live: readonly LiveMetricDefinition[],
): z.infer<typeof metricList> {
  return {
    metrics: [...catalogues.flatMap((catalogue) => catalogue.metrics), ...live].map(toMetric),
    dimensions: Object.fromEntries(
      catalogues.map(({ category, dimensions }) => [
        category,
        dimensions.map(({ id, label, definition, filter, values }) => ({
          id,
          label,
          definition,
          filter,
          values: values ? [...values] : null,
        })),
      ]),
    ),
  };
}

function toMetric(definition: MetricDefinition | LiveMetricDefinition): z.infer<typeof metric> {
  const { settlesAfter, betterIs, dimensions, synonyms, calculation, ...rest } = definition;
  return {
    ...rest,
    settles_after: settlesAfter,
    better_is: betterIs,
    dimensions: [...dimensions],
    synonyms: [...synonyms],
    calculation: { ...calculation },
  };
}
