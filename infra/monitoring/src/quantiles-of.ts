import { keyOf, type Vector } from './scrape.ts';

/** `histogram_quantile`: of buckets that grow, under the labels that they share beside `le`. */
export function quantilesOf(quantile: number, buckets: Vector): Vector {
  const groups = Map.groupBy(buckets, ({ labels: { le: _, ...rest } }) => keyOf(rest));
  return [...groups.values()].flatMap((group) => {
    const { le: _, ...labels } = group[0]?.labels ?? {};
    const sorted = group
      .map((one) => ({ to: Number(one.labels.le === '+Inf' ? 'Infinity' : one.labels.le), count: one.value }))
      .sort((one, other) => one.to - other.to);
    const rank = quantile * (sorted.at(-1)?.count ?? 0);
    if (rank === 0) return [];
    const at = sorted.findIndex(({ count }) => count >= rank);
    const [low, high] = [sorted[at - 1] ?? { to: 0, count: 0 }, sorted[at]];
    if (!high) return [];
    // Beyond the last bound it is only known to be more than that.
    if (high.to === Number.POSITIVE_INFINITY) return [{ labels, value: low.to }];
    const share = (rank - low.count) / (high.count - low.count);
    return [{ labels, value: low.to + (high.to - low.to) * share }];
  });
}
