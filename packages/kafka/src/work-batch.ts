import { backoff, gather, type Logger, type OnStep, SwitchboardError, sleep } from '@switchboard/platform';
import type { EachBatchPayload } from 'kafkajs';
import type { ConsumerMetrics } from './consumer-metrics.ts';
import type { ConsumerStep, HandleBatch, IncomingBatch } from './consumer-types.ts';
import { faultOf, isMembershipFault } from './kafka-errors.ts';
import { holdMembership, type Membership } from './membership.ts';
import { type SliceLimits, sliceBatch } from './slice-batch.ts';

export interface BatchWorkerOptions extends SliceLimits {
  handle: HandleBatch;
  logger: Logger;
  metrics: ConsumerMetrics;
  heartbeatMs: number;
  sessionTimeoutMs: number;
  retry: { baseMs: number; maxMs: number };
  /** Aborted when the consumer stops: finish what is in hand, take nothing more. */
  stopping: AbortSignal;
  /** Aborted after a fatal error: nothing is committed any more, by anyone. */
  failed: AbortSignal;
  onFatal(error: unknown): void;
  onStep?: OnStep<ConsumerStep>;
  /** Whether the group can be asked for its offsets, by whatever coordinator it has now. */
  coordinatorAnswers(): Promise<boolean>;
}

const commitRetry = { baseMs: 50, maxMs: 1_000 };
/** Commits refused in a row, while the coordinator answers others, after which the group must be joined again. */
const mostRefusals = 5;
/** How long a member that stops tries to commit what it has finished. */
const patienceMs = 5_000;

/**
 * Works through what one fetch brought of one partition: slice by slice, committing after each. It ends early, with
 * the rest uncommitted, when the consumer stops, the group rebalances, or an error is fatal: the rest comes again.
 */
export function createBatchWorker(options: BatchWorkerOptions): (payload: EachBatchPayload) => Promise<void> {
  const { logger, metrics, stopping, failed } = options;
  const commitTogether = gather(commitAll);

  const mustEnd = (payload: EachBatchPayload, membership: Membership) =>
    [stopping, failed, membership.ending].some(({ aborted }) => aborted) ||
    !payload.isRunning() ||
    payload.isStale();

  async function finish(
    batch: IncomingBatch,
    payload: EachBatchPayload,
    membership: Membership,
  ): Promise<boolean> {
    const signal = AbortSignal.any([membership.stale, failed]);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await options.handle(batch, { signal, isStale: () => signal.aborted, attempt });
        return !failed.aborted && !membership.lost.aborted;
      } catch (error) {
        // What a handler throws once its partition is gone says nothing of the batch.
        if (signal.aborted) return false;
        if (!(error instanceof SwitchboardError && error.retryable)) {
          options.onFatal(error);
          return false;
        }
        metrics.retried(batch.topic, error.code);
        const { topic, partition, firstOffset } = batch;
        logger.warn({ err: error, topic, partition, firstOffset, attempt }, 'batch comes again');
        await sleep(backoff(attempt, options.retry), AbortSignal.any([membership.ending, stopping, failed]));
        if (mustEnd(payload, membership)) return false;
      }
    }
  }

  async function commit(
    { topic, partition, lastOffset }: IncomingBatch,
    payload: EachBatchPayload,
    membership: Membership,
  ): Promise<boolean> {
    const offset = String(BigInt(lastOffset) + 1n);
    const startedAt = Date.now();
    let refusals = 0;
    for (let attempt = 1; !failed.aborted; attempt += 1) {
      // While nobody answers, waiting loses nothing. A group that has another coordinator now must be joined again; but
      // a broker that has just come back refuses once or twice: this connection is still the old one, or it reads its
      // groups first.
      const answered = membership.stale.aborted && (await options.coordinatorAnswers());
      try {
        await commitTogether({ payload, topic, partition, offset });
        return true;
      } catch (error) {
        if (error instanceof Error && isMembershipFault(error)) membership.lose(error);
        if (membership.lost.aborted) return false;
        refusals = answered ? refusals + 1 : 0;
        if (refusals >= mostRefusals || (stopping.aborted && Date.now() - startedAt > patienceMs))
          return false;
        logger.debug({ fault: faultOf(error), topic, partition, attempt }, 'commit is tried again');
        await sleep(backoff(attempt, commitRetry), AbortSignal.any([membership.lost, failed]));
      }
    }
    return false;
  }

  return async function workBatch(payload) {
    const membership = holdMembership({
      heartbeat: payload.heartbeat,
      everyMs: options.heartbeatMs / 2,
      sessionTimeoutMs: options.sessionTimeoutMs,
    });
    try {
      for (const batch of sliceBatch(payload.batch, options)) {
        if (mustEnd(payload, membership)) break;
        const startedAt = performance.now();
        if (!(await finish(batch, payload, membership))) break;
        await options.onStep?.('handled');
        if (!(await commit(batch, payload, membership))) break;
        await options.onStep?.('committed');
        payload.resolveOffset(batch.lastOffset);
        metrics.finished(batch.topic, batch.messages.length, (performance.now() - startedAt) / 1_000);
      }
    } finally {
      membership.release();
    }
    // kafkajs joins again when it is given the group's own error; one that stops must not.
    if (membership.fault && payload.isRunning() && !stopping.aborted) throw membership.fault;
  };
}

interface Passed {
  payload: EachBatchPayload;
  topic: string;
  partition: number;
  /** Of the next message. */
  offset: string;
}

/** What partitions of one member finish at the same time is committed by one request: it is of the member, not of a partition. */
async function commitAll(passed: readonly Passed[]): Promise<readonly Passed[]> {
  const topics = [...Map.groupBy(passed, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic,
    partitions: ofTopic.map(({ partition, offset }) => ({ partition, offset })),
  }));
  await passed.at(-1)?.payload.commitOffsetsIfNecessary({ topics });
  return passed;
}
