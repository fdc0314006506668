import { type ClickHouse, ClickHouseRefusal, makeState } from '@switchboard/clickhouse';
import { createBlockInserter } from '@switchboard/clickhouse/blocks/insert-block';
import {
  backoff,
  type Logger,
  type OnStep,
  SwitchboardError,
  sleep,
  type Tracing,
} from '@switchboard/platform';
import { createWake } from '@switchboard/platform/wake';
import { isTransient } from '@switchboard/postgres';
import { connectDirect } from '@switchboard/postgres/blocks/direct-connection';
import { createBlockTrace } from './block-trace.ts';
import type { BlockWork, MaintenanceWork, Step } from './dependencies.ts';
import { keepHouse } from './housekeeping.ts';
import { nextCycleAfterMs } from './pace.ts';
import { isPrepared, prepareClickHouse } from './prepare.ts';
import { runCycle } from './run-cycle.ts';
import type { SinkMetrics } from './sink-metrics.ts';
import { watchShard } from './watch-shard.ts';

export interface ShardOptions {
  shard: number;
  databaseUrl: string;
  clickhouse: ClickHouse;
  /** The same database, by a client that lets statements take long. */
  maintenance: ClickHouse;
  logger: Logger;
  metrics: SinkMetrics;
  signal: AbortSignal;
  tracing?: Tracing;
  dedupWindow?: number;
  housekeepingMs?: number;
  onStep?: OnStep<Step>;
  /** Told whenever the shard begins or ceases to work. @param waitsFor what keeps it, in our words */
  onWorking?: (working: boolean, waitsFor?: string) => void;
}

const busyRetryMs = 50;
const tickMs = 1_000;
const usualHousekeepingMs = 60_000;

/**
 * Works on one shard until the signal: cycle after cycle, woken by the outbox, at least each second. An engine that is
 * away is waited for, with a new connection each time.
 * @throws SwitchboardError when only a person, or a fresh process, can help: facts are never set aside
 */
export async function runShard(options: ShardOptions): Promise<void> {
  const watching = new AbortController();
  const signal = AbortSignal.any([options.signal, watching.signal]);
  const watched = watchShard({ ...options, signal });
  try {
    await workOnShard(options);
  } finally {
    watching.abort();
    await watched;
  }
}

async function workOnShard(options: ShardOptions): Promise<void> {
  const { logger, signal } = options;
  let attempt = 0;
  let damaged = false;
  while (!signal.aborted) {
    try {
      await workOnConnection(options, damaged, () => {
        attempt = 0;
        damaged = false;
      });
    } catch (error) {
      options.onWorking?.(false, whatIsAway(error));
      if (signal.aborted) return;
      damaged ||= error instanceof SwitchboardError && error.code === 'block_damaged';
      if (!isPassing(error)) throw error;
      attempt += 1;
      options.metrics.failed(error);
      logger.warn({ error, attempt }, 'the shard waits');
      await sleep(backoff(attempt, { baseMs: 100, maxMs: 5_000 }), signal);
    }
  }
}

async function workOnConnection(options: ShardOptions, damaged: boolean, onReady: () => void): Promise<void> {
  const { shard, clickhouse, maintenance, logger, metrics, signal } = options;
  const { housekeepingMs = usualHousekeepingMs } = options;
  const wake = createWake();
  const connection = await connectDirect({
    url: options.databaseUrl,
    applicationName: 'switchboard-sink-clickhouse',
    listen: ['switchboard_outbox'],
    onNotification: (_, payload) => {
      if (payload === String(shard)) wake.now();
    },
  });
  const stop = () => wake.now();
  signal.addEventListener('abort', stop);
  void connection.lost.then(stop);
  try {
    // Nothing can be asked of an empty ClickHouse before.
    await makeState(maintenance);
    const work: BlockWork = {
      connection,
      clickhouse,
      logger,
      inserter: await createBlockInserter(clickhouse),
      onStep: options.onStep,
      onInsert: metrics.inserted,
      trace: options.tracing?.isOn ? createBlockTrace(options.tracing) : undefined,
    };
    const upkeep: MaintenanceWork = {
      ...work,
      clickhouse: maintenance,
      inserter: await createBlockInserter(maintenance),
      databaseUrl: options.databaseUrl,
      dedupWindow: options.dedupWindow,
      signal,
    };
    await prepareClickHouse(upkeep, { damaged });
    onReady();
    options.onWorking?.(true);
    let nextCheck = 0;
    let nextHousekeeping = 0;
    while (!signal.aborted) {
      const startedAt = Date.now();
      if (startedAt >= nextCheck) {
        if (!(await isPrepared(work))) await prepareClickHouse(upkeep);
        nextCheck = startedAt + tickMs;
      }
      const result = await runCycle(work, shard);
      const pauseMs = result.busy ? 0 : nextCycleAfterMs(Date.now() - startedAt, result.backlog);
      metrics.cycled(result);
      if (startedAt >= nextHousekeeping) {
        await keepHouse(upkeep);
        nextHousekeeping = startedAt + housekeepingMs;
      }
      if (!result.backlog) await wake.wait(result.busy ? busyRetryMs : tickMs);
      await sleep(Math.max(0, startedAt + pauseMs - Date.now()), signal);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await connection.close();
  }
}

/** Whoever asks whether this is ready is told in our words alone. */
function whatIsAway(error: unknown): string | undefined {
  if (error instanceof SwitchboardError) return error.message;
  return isTransient(error) ? 'Postgres cannot be reached' : undefined;
}

/** Whether waiting helps: an engine is away, or what is damaged or gone is mended by the rebuild that comes next. */
function isPassing(error: unknown): boolean {
  if (error instanceof ClickHouseRefusal) return error.retryable || error.isMissing;
  if (error instanceof SwitchboardError && error.code === 'block_damaged') return true;
  if (error instanceof SwitchboardError && error.code === 'lock_lost') return false;
  return (error instanceof SwitchboardError && error.retryable) || isTransient(error);
}
