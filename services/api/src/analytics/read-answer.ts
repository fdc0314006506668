import type { ClickHouse } from '@switchboard/clickhouse';
import type { Split } from '@switchboard/clickhouse/query/metric-query';
import { type Groups, readMetrics } from '@switchboard/clickhouse/query/read-metrics';
import { findDimension } from '@switchboard/domain/metrics/catalogue';
import type { DimensionDefinition } from '@switchboard/domain/metrics/definition';
import { addTotals, emptyTotals, type Totals } from '@switchboard/domain/metrics/totals';
import { type Bucket, type BucketRule, bucketRuleOf, bucketsOf } from '@switchboard/domain/periods/buckets';
import { type ComparePeriod, comparePeriodOf } from '@switchboard/domain/periods/compare';
import type { AnalyticsRequest } from './request.ts';

/** Sums of one stretch of time, in the groups that were asked for. */
export interface Measured {
  whole: Totals;
  /** By {@link Bucket.key}. */
  buckets: Map<string, Totals>;
  /** By dimension id, then value. */
  breakdowns: Map<string, Map<string, Totals>>;
}

export interface AnalyticsData {
  buckets: Bucket[];
  current: Measured;
  comparePeriod?: ComparePeriod;
  previous?: Measured;
}

const series = 'series';
const whole = 'whole';

/** Reads all that an answer needs: at most one query per table and stretch of time, beside distinct counts. */
export async function readAnalytics(
  clickhouse: ClickHouse,
  tenantId: string,
  request: AnalyticsRequest,
  timeoutMs: number,
): Promise<AnalyticsData> {
  const { period, compare } = request;
  const read = async (rule: BucketRule, buckets: Bucket[], from: string, to: string, until?: number) => {
    const groups = await readMetrics(
      clickhouse,
      {
        catalogue: request.catalogue,
        tenantId,
        metrics: request.metrics,
        splits: splitsOf(request, rule),
        filters: request.filters,
        range: { from, to, until },
      },
      { timeoutSeconds: timeoutMs / 1000 },
    );
    return measured(groups, rule, buckets);
  };
  const buckets = bucketsOf(period);
  const current = read(bucketRuleOf(period), buckets, period.start, period.end);
  if (compare === 'none') return { buckets, current: await current };
  const comparePeriod = comparePeriodOf(period, compare);
  const { rule, start, end, cut, until } = comparePeriod;
  const [now, previous] = await Promise.all([
    current,
    read(rule, comparePeriod.buckets, start, end, cut ? until : undefined),
  ]);
  return { buckets, current: now, comparePeriod, previous };
}

/** The dimensions to split by: those asked for, and those of mixes, whose parts stand in the summary. */
export function splitDimensions({ breakdowns, metrics, catalogue }: AnalyticsRequest): DimensionDefinition[] {
  const mixed = metrics.flatMap(({ calculation }) => {
    const dimension = calculation.kind === 'mix' ? findDimension(catalogue, calculation.by) : undefined;
    return dimension ? [dimension] : [];
  });
  return [...new Set([...breakdowns, ...mixed])];
}

function splitsOf(request: AnalyticsRequest, rule: BucketRule): Split[] {
  return [
    { id: series, kind: 'series', rule },
    { id: whole, kind: 'total' },
    ...splitDimensions(request).map(
      (dimension): Split => ({ id: `by_${dimension.id}`, kind: 'dimension', dimension }),
    ),
  ];
}

function measured(groups: Groups, rule: BucketRule, buckets: readonly Bucket[]): Measured {
  const bySeries = new Map<string, Totals>();
  const sum = emptyTotals();
  for (const [key, totals] of groups.get(series) ?? []) {
    // A compared day that has no counterpart is in no bucket; it counts in the whole.
    addTotals(sum, totals);
    const bucketKey = rule.aggregation === 'hourly' ? hourBucket(key, buckets) : key;
    if (bucketKey !== undefined) bySeries.set(bucketKey, totals);
  }
  // Distinct counts don't add up: the whole has its own.
  sum.distincts = groups.get(whole)?.get('')?.distincts ?? new Map();
  const breakdowns = new Map(
    [...groups].flatMap(([id, rows]) => (id.startsWith('by_') ? [[id.slice(3), rows] as const] : [])),
  );
  return { whole: sum, buckets: bySeries, breakdowns };
}

/** The bucket in which an hour began, `2026-11-20 05:30:00` in UTC. */
function hourBucket(key: string, buckets: readonly Bucket[]): string | undefined {
  const instant = Date.parse(`${key.replace(' ', 'T')}Z`);
  let low = 0;
  let high = buckets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((buckets[middle]?.end ?? 0) <= instant) low = middle + 1;
    else high = middle;
  }
  const bucket = buckets[low];
  return bucket && bucket.start <= instant ? bucket.key : undefined;
}
