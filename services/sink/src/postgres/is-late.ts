/** What was received so long ago, ms, is being caught up on, and nobody looks for it this very second. */
const lateMs = 10_000;

/**
 * Whether all of a transaction's events are being caught up on. Their facts wait for each other, then: a block costs ClickHouse as much
 * as a thousand rows, and what it costs is missing where events are written.
 * @param receivedAt of each event, Unix ms
 * @param now Unix ms
 */
export function isLate(receivedAt: readonly number[], now: number): boolean {
  return receivedAt.every((at) => now - at > lateMs);
}
