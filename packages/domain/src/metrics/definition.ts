/** Categories of the catalogue; each has its own page, endpoint and dimensions. */
export const metricCategories = [
  'appointments',
  'journeys',
  'communication',
  'voice_calls',
  'realtime',
] as const;
export type MetricCategory = (typeof metricCategories)[number];

export type MetricUnit =
  | 'calls'
  | 'callers'
  | 'turns'
  | 'tool_calls'
  | 'ratio'
  | 'score'
  | 'minutes'
  | 'seconds'
  | 'milliseconds'
  /** Hundredths (or what the currency has) of a currency that stands beside the value. */
  | 'minor_units';

/** Where a metric is read: the coarsest that holds it. */
export type MetricSource = 'daily' | 'hourly' | 'facts';

/**
 * A sum over facts: Σ sign × `column`. The column `calls` is 1 for every fact. With `where`, only facts whose
 * dimensions have one of the listed values count.
 */
export interface Term {
  column: string;
  where?: Readonly<Record<string, readonly string[]>>;
  /** Kind of fact, and the date it counts under; by default those of the catalogue that asks. */
  fact?: string;
  basis?: string;
  /** Only those in which this much time (ISO 8601) has gone by since the column's instant, when the question is asked. */
  past?: { column: string; by: string };
}

/** How a metric comes out of sums over facts; nothing else computes one. */
export type Calculation =
  /** The sum, divided by `per` (1 000 for milliseconds shown as seconds). */
  | { kind: 'sum'; of: Term; per?: number; currency?: string }
  /** One sum by another, divided by `per`. A zero denominator gives null. */
  | { kind: 'ratio'; of: Term; to: Term; per?: number; currency?: string }
  /** A quantile of a signed histogram, divided by `per`; within 1 %. */
  | { kind: 'quantile'; histogram: string; q: number; per?: number }
  /** How many ids of a column have Σ sign > 0. */
  | { kind: 'distinct'; of: Term }
  /** The sum and how it divides among the values of one dimension. */
  | { kind: 'mix'; of: Term; by: string };

export interface MetricDefinition {
  /** Fixed for ever. */
  id: string;
  label: string;
  category: MetricCategory;
  unit: MetricUnit;
  /** In words, for those who read the number. */
  definition: string;
  /** The date that a fact counts under. */
  basis: string;
  calculation: Calculation;
  source: MetricSource;
  /** ISO 8601 duration after the end of a day in which later events may still move that day's value. */
  settlesAfter: string;
  /** Ids of the dimensions it can be split by. */
  dimensions: readonly string[];
  /** What people call it, for questions in plain words. */
  synonyms: readonly string[];
  betterIs: 'up' | 'down' | 'neither';
}

/** A metric of the present: counted among the records, not summed over facts. */
export type LiveMetricDefinition = Omit<MetricDefinition, 'calculation' | 'source'> & {
  source: 'postgres';
  /** How many records of a kind have one of the values and began no longer ago than this. */
  calculation: {
    kind: 'count_now';
    of: 'voice_calls';
    where: Readonly<Record<string, readonly string[]>>;
    beganWithinHours: number;
  };
};

export interface DimensionDefinition {
  id: string;
  label: string;
  definition: string;
  /** Column of the facts; the coarser tables have it too where `sources` says so. */
  column: string;
  /** Which tables hold it. */
  sources: readonly MetricSource[];
  /** All values, when they are few and fixed. */
  values?: readonly string[];
  /** Whether requests may filter by it. */
  filter: boolean;
  /** Numbers, which are ordered as such. */
  numeric?: boolean;
}

/** A metric category with all that its endpoint needs. */
export interface Catalogue {
  category: MetricCategory;
  /** `fact_<kind>` and `api_<kind>_daily` are its tables. */
  kind: string;
  /** Default date that facts count under. */
  basis: string;
  metrics: readonly MetricDefinition[];
  dimensions: readonly DimensionDefinition[];
}
