/** At most five blocks a second: each takes an entry of ClickHouse's deduplication window per year it touches. */
const leastMs = 200;

/** What waits in the outbox meanwhile is seen this much later at most. */
const longestRestMs = 1_000;

/**
 * When the next cycle begins, ms after the last one began. A holder rests as long as it worked: a block costs ClickHouse more
 * than its rows, so that under pressure blocks become fewer and larger, and take half of the time at most.
 * @param tookMs how long the last cycle took
 * @param backlog whether it left a full block or more behind: such blocks are as large as they get
 */
export function nextCycleAfterMs(tookMs: number, backlog: boolean): number {
  return backlog ? leastMs : Math.max(leastMs, tookMs + Math.min(tookMs, longestRestMs));
}
