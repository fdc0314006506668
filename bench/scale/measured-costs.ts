/**
 * Processor time on the two-core machine of docs/benchmarks.md, ms: what the simulation and docs/scaling.md reckon with. Where
 * each comes from stands there.
 */
export const measuredCosts = {
  enrich: { eventMs: 1.2 },
  sink: { eventMs: 0.9 },
  /** A transaction of n calls: `transactionMs + n × eventMs`. */
  postgres: { transactionMs: 3.67, eventMs: 0.713, commitMs: 2, atOnce: 100 },
  clickhouse: { blockMs: 310, rowMs: 0.05, rowsPerEvent: 2 },
  /** As `services/sink/src/clickhouse/pace.ts` has it. */
  blocks: { leastMs: 200, longestRestMs: 1_000, mostRows: 50_000 },
  hopMs: 30,
};
