import type { Catalogue, DimensionDefinition, MetricDefinition } from './definition.ts';
import { voiceCallCatalogue } from './voice-calls.ts';

/** One catalogue per category; a further category is one more of these. */
export const catalogues: readonly Catalogue[] = [voiceCallCatalogue];

/** Every metric there is. */
export const allMetrics: readonly MetricDefinition[] = catalogues.flatMap((catalogue) => catalogue.metrics);

export function findMetric(catalogue: Catalogue, id: string): MetricDefinition | undefined {
  return catalogue.metrics.find((metric) => metric.id === id);
}

export function findDimension(catalogue: Catalogue, id: string): DimensionDefinition | undefined {
  return catalogue.dimensions.find((dimension) => dimension.id === id);
}

const unknown = 'unknown';
const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** A dimension's value as the facts hold it, for what requests call it: `unknown` is the empty text. */
export const factValueOf = (key: string): string => (key === unknown ? '' : key);

/** What answers call a value of the facts. */
export const keyOfFactValue = (value: string): string => (value === '' ? unknown : value);

/** A value for people: `book_appointment` → “Book appointment”, weekday 1 → “Monday”, hour 9 → “09:00”. */
export function labelOf(dimensionId: string, key: string): string {
  if (dimensionId === 'weekday') return weekdays[Number(key) - 1] ?? key;
  if (dimensionId === 'hour') return `${key.padStart(2, '0')}:00`;
  if (key !== unknown && ['agent', 'language', 'currency'].includes(dimensionId)) return key;
  const words = key.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
