import { describeError, type Metrics } from '@switchboard/platform';
import type { ShardStatus } from '@switchboard/postgres/blocks/blocks';
import type { CycleResult } from './run-cycle.ts';

/** What the block worker tells of itself. */
export interface SinkMetrics {
  inserted(seconds: number, rows: number): void;
  cycled(result: CycleResult): void;
  status(shard: number, status: ShardStatus): void;
  failed(error: unknown): void;
}

export function createSinkMetrics(metrics: Metrics): SinkMetrics {
  const insertSeconds = metrics.histogram(
    'switchboard_block_insert_seconds',
    'Time of one insert into ClickHouse',
  );
  const rows = metrics.counter('switchboard_block_rows_total', 'Fact rows inserted into ClickHouse');
  const blocks = metrics.counter('switchboard_blocks_total', 'Blocks that were moved and done');
  const open = metrics.gauge('switchboard_blocks_open', 'Blocks that ClickHouse is not known to hold', [
    'shard',
  ]);
  const seen = new Map<number, { status: ShardStatus; at: number }>();
  // Ages go on growing while nothing can be read, or else an engine that is away would look like one that keeps up.
  metrics.gauge(
    'switchboard_outbox_oldest_seconds',
    'Age of the oldest row in the outbox',
    ['shard'],
    (gauge) => {
      for (const [shard, { status, at }] of seen) {
        const age = status.oldestRowSeconds;
        gauge.set({ shard: String(shard) }, age === null ? 0 : age + (Date.now() - at) / 1_000);
      }
    },
  );
  metrics.gauge('switchboard_facts_freshness_seconds', 'Age of the last full drain', ['shard'], (gauge) => {
    for (const [shard, { status }] of seen) {
      if (status.asOf) gauge.set({ shard: String(shard) }, (Date.now() - status.asOf.getTime()) / 1_000);
    }
  });
  const failures = metrics.counter('switchboard_block_failures_total', 'Cycles that ended with an error', [
    'code',
  ]);
  // An alert counts on its increase: a series that begins at 1 has none.
  failures.inc({ code: 'block_damaged' }, 0);
  return {
    inserted(seconds, count) {
      insertSeconds.observe(seconds);
      rows.inc(count);
    },
    cycled(result) {
      blocks.inc(result.blocks);
    },
    status(shard, status) {
      seen.set(shard, { status, at: Date.now() });
      open.set({ shard: String(shard) }, status.openBlocks);
    },
    failed(error) {
      failures.inc({ code: describeError(error).code ?? 'unknown' });
    },
  };
}
