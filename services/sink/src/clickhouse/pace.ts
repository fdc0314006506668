/** At most five blocks a second: each takes an entry of ClickHouse's deduplication window per year it touches. */
const leastMs = 200;

/** What waits in the outbox meanwhile is seen this much later at most. */
const longestRestMs = 1_000;

/** A block of so many rows is of more than one clinic's daily traffic: something is being caught up on. */
const manyRows = 500;

/**
 * When the next cycle begins, ms after the last one began. A holder rests as long as it worked: a block costs ClickHouse more
 * than its rows, so that under pressure blocks become fewer and larger, and take half of the time at most. While much is
 * caught up on it rests as long as it ever does, and leaves the processor to those who catch up.
 * @param tookMs how long the last cycle took
 * @param moved what it moved; `backlog`: it left a full block or more behind, and such blocks are as large as they get
 */
export function nextCycleAfterMs(tookMs: number, moved: { backlog: boolean; rows: number }): number {
  if (moved.backlog) return leastMs;
  const restMs = moved.rows >= manyRows ? longestRestMs : Math.min(tookMs, longestRestMs);
  return Math.max(leastMs, tookMs + restMs);
}
