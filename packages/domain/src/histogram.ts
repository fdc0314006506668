/**
 * Log-scaled buckets after DDSketch (Masson et al., VLDB 2019): a value read back from its bucket is at most 1 % off.
 * Counts are signed, so that a statement taken back leaves the histogram as it was; quantile sketches that only grow can't.
 */
const relativeError = 0.01;
const gamma = (1 + relativeError) / (1 - relativeError);
const logGamma = Math.log(gamma);

/** Bucket of an integer: 0 for 0, from 1 on for 1 and more, mirrored for negatives. Fits 16 bits up to 10^200. */
export function bucketOf(value: number): number {
  if (value < 0) return -bucketOf(-value);
  if (value < 1) return 0;
  return 1 + Math.ceil(Math.log(value) / logGamma - 1e-9);
}

/** The value a bucket stands for. */
export function bucketValue(index: number): number {
  if (index < 0) return -bucketValue(-index);
  if (index === 0) return 0;
  return index === 1 ? 1 : (2 * gamma ** (index - 1)) / (gamma + 1);
}

/**
 * The value at quantile `q` (0 to 1) of a histogram of bucket to count, by nearest rank; null when it is empty. Buckets
 * whose count is not positive are passed over.
 */
export function quantileOfHistogram(counts: ReadonlyMap<number, number>, q: number): number | null {
  const indexes: number[] = [];
  let total = 0;
  let ascending = true;
  for (const [index, count] of counts) {
    if (count <= 0) continue;
    if (indexes.length > 0 && index < (indexes.at(-1) ?? 0)) ascending = false;
    indexes.push(index);
    total += count;
  }
  if (total === 0) return null;
  // What an engine answers is in order already, and an answer has thousands of these.
  if (!ascending) indexes.sort((left, right) => left - right);
  let rank = Math.max(1, Math.ceil(q * total));
  for (const index of indexes) {
    rank -= counts.get(index) ?? 0;
    if (rank <= 0) return bucketValue(index);
  }
  return null;
}
