import { backoff, SwitchboardError, sleep } from '@switchboard/platform';
import { consumerMetrics } from './consumer-metrics.ts';
import { runConsumerSession } from './consumer-session.ts';
import type { Consumer, ConsumerOptions } from './consumer-types.ts';
import { faultOf } from './kafka-errors.ts';
import { readLag } from './offsets.ts';
import { createBatchWorker } from './work-batch.ts';

/** Handed over at once at most; a larger message comes alone. */
const maxBatchBytes = 4 * 1_048_576;
const heartbeatMs = 1_000;
const reconnect = { baseMs: 100, maxMs: 2_000 };

/**
 * Reads topics as a member of a group until it is stopped or an error is fatal. A broker, coordinator or topic that is
 * not there yet, or goes away, is waited for. What is fatal: an error of the handler that is not retryable, offsets
 * that the log no longer has, and what kafkajs cannot recover from.
 */
export async function runConsumer(options: ConsumerOptions): Promise<Consumer> {
  const { logger, groupId, sessionTimeoutMs = 10_000 } = options;
  const metrics = consumerMetrics(options.metrics);
  const stopping = new AbortController();
  const failed = new AbortController();
  const ended = AbortSignal.any([stopping.signal, failed.signal]);
  const joined = Promise.withResolvers<void>();
  const fatal = Promise.withResolvers<Error>();
  let assignment: Record<string, number[]> = {};
  let aliveAt = 0;

  function fail(cause: unknown): void {
    if (failed.signal.aborted) return;
    const error =
      cause instanceof Error ? cause : new Error('something was thrown that is no error', { cause });
    failed.abort();
    logger.fatal({ err: error, groupId }, 'consumer failed, nothing more is committed');
    fatal.resolve(error);
    options.onFatal?.(error);
  }

  const work = createBatchWorker({
    handle: options.handle,
    logger,
    metrics,
    maxMessages: options.maxBatchMessages ?? 500,
    maxBytes: maxBatchBytes,
    heartbeatMs,
    sessionTimeoutMs,
    retry: options.retry ?? { baseMs: 100, maxMs: 5_000 },
    stopping: stopping.signal,
    failed: failed.signal,
    onFatal: fail,
    onStep: options.onStep,
    coordinatorAnswers: () =>
      readLag(options).then(
        () => true,
        () => false,
      ),
  });

  async function supervise(): Promise<void> {
    for (let attempt = 1; !ended.aborted; attempt += 1) {
      try {
        await runConsumerSession({
          brokers: options.brokers,
          tls: options.tls,
          sasl: options.sasl,
          clientId: options.clientId ?? groupId,
          groupId,
          topics: options.topics,
          logger,
          partitionsConcurrently: options.partitionsConcurrently ?? 6,
          gatherMs: options.gatherMs ?? 50,
          heartbeatMs,
          sessionTimeoutMs,
          work,
          signal: ended,
          onAlive() {
            aliveAt = Date.now();
          },
          onAssigned(given) {
            attempt = 0;
            assignment = given;
            logger.info({ groupId, assignment }, 'joined the group');
            joined.resolve();
          },
        });
      } catch (error) {
        const own = ownError(error);
        if (own ? !own.retryable : !faultOf(error).retriable) return fail(own ?? error);
        const level = attempt <= 1 ? 'warn' : 'debug';
        logger[level]({ fault: faultOf(error), groupId, attempt }, 'consumer interrupted, joining again');
        await sleep(backoff(attempt + 1, reconnect), ended);
      } finally {
        assignment = {};
        aliveAt = 0;
      }
    }
  }

  const supervised = supervise();
  metrics.watchLag(groupId, () => readLag(options), ended).catch(() => {});
  supervised.catch(fail);

  return {
    joined: joined.promise,
    fatal: fatal.promise,
    assignments: () => assignment,
    async check() {
      if (failed.signal.aborted || Date.now() - aliveAt > sessionTimeoutMs) {
        throw new SwitchboardError('consumer_away', `no place in group ${groupId}`, { retryable: true });
      }
    },
    lag: () => readLag(options),
    async stop() {
      stopping.abort();
      await supervised.catch(() => {});
    },
  };
}

/** Our own error inside what kafkajs wrapped around it. */
function ownError(error: unknown): SwitchboardError | undefined {
  if (error instanceof SwitchboardError) return error;
  return error instanceof Error && error.cause ? ownError(error.cause) : undefined;
}
