import { type Logger, SwitchboardError, sleep } from '@switchboard/platform';
import type { EachBatchPayload, Consumer as KafkaConsumer } from 'kafkajs';
import type { BrokerAccess } from './broker-access.ts';
import { createConnection } from './connection.ts';
import { requireOffsetsInLog } from './offset-lost.ts';
import { isGathering, readLag } from './offsets.ts';
import { withDeadline } from './with-deadline.ts';

export interface ConsumerSessionOptions extends BrokerAccess {
  clientId: string;
  groupId: string;
  topics: readonly string[];
  logger: Logger;
  partitionsConcurrently: number;
  gatherMs: number;
  heartbeatMs: number;
  sessionTimeoutMs: number;
  work(payload: EachBatchPayload): Promise<void>;
  onAssigned(assignment: Record<string, number[]>): void;
  /** The group's coordinator has answered. */
  onAlive(): void;
  /** Ends the session: the batches in hand are finished first. */
  signal: AbortSignal;
}

const mebibyte = 1_048_576;
const stallMs = 10_000;
const watchMs = 2_000;
const hangMs = 5_000;
const longPollMs = 500;
/** A member has so long to finish its batch when the group rebalances. */
const rebalanceTimeoutMs = 30_000;

/**
 * One life of a kafkajs consumer. Returns when told to end.
 * @throws whatever made it end otherwise: `offset_lost` and what kafkajs cannot recover from
 */
export async function runConsumerSession(options: ConsumerSessionOptions): Promise<void> {
  const { groupId, topics, signal } = options;
  requireOffsetsInLog(groupId, await readLag(options));

  // Connecting is tried a few times, so that an end is never far; joining and fetching as long as it takes, so that
  // a member keeps its place in the group while its broker is away.
  const connection = createConnection({
    ...options,
    requestTimeoutMs: 10_000,
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 500 },
  });
  const consumer = connection.kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    sessionTimeout: options.sessionTimeoutMs,
    rebalanceTimeout: rebalanceTimeoutMs,
    heartbeatInterval: options.heartbeatMs,
    // A broker that has nothing answers seldom, and what comes is given at once.
    maxWaitTimeInMs: longPollMs,
    minBytes: 1,
    maxBytes: 16 * mebibyte,
    maxBytesPerPartition: 2 * mebibyte,
    metadataMaxAge: 60_000,
    retry: {
      retries: Number.MAX_SAFE_INTEGER,
      initialRetryTime: 100,
      maxRetryTime: 1_000,
      restartOnFailure: async () => false,
    },
  });
  const work = trackWork(options);
  const over = new AbortController();
  try {
    const ended = watchEnd(consumer, { ...options, signal: AbortSignal.any([signal, over.signal]) });
    const begin = async () => {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: options.partitionsConcurrently,
        eachBatch: work.run,
      });
    };
    // It joins before it has begun: whoever stands still there is noticed too.
    await Promise.race([ended, begin()]);
    await Promise.race([ended, aborted(signal)]);
  } catch (error) {
    // Nothing comes on its connections any more: a batch that waits for its commit to be answered is let go.
    if (isStalled(error)) connection.destroy();
    throw error;
  } finally {
    over.abort();
    await leave(consumer, work);
    connection.destroy();
  }
}

interface Work {
  run(payload: EachBatchPayload): Promise<void>;
  /** Batches in hand. */
  inHand(): number;
}

/** Counts batches in hand; between two fetches that bring something it lets so long pass that a stream comes in batches. */
function trackWork(options: ConsumerSessionOptions): Work {
  let inHand = 0;
  let begunAt = 0;
  return {
    async run(payload) {
      if (inHand === 0) begunAt = performance.now();
      inHand += 1;
      try {
        await options.work(payload);
      } finally {
        inHand -= 1;
      }
      // kafkajs fetches again when all that one fetch brought is done.
      const restMs = begunAt + options.gatherMs - performance.now();
      if (inHand === 0 && restMs > 0) await sleep(restMs, options.signal);
    },
    inHand: () => inHand,
  };
}

/** Rejects when kafkajs gives up, or when it stands still although the broker answers. */
async function watchEnd(consumer: KafkaConsumer, options: ConsumerSessionOptions): Promise<never> {
  let aliveAt = Date.now();
  const alive = () => {
    aliveAt = Date.now();
    options.onAlive();
  };
  consumer.on(consumer.events.HEARTBEAT, alive);
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    alive();
    options.onAssigned(payload.memberAssignment);
  });
  const crashed = new Promise<never>((_, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  });
  crashed.catch(() => {});

  const stalled = async (): Promise<never> => {
    let answersSince = Number.POSITIVE_INFINITY;
    for (;;) {
      await sleep(watchMs, options.signal);
      if (options.signal.aborted) return new Promise<never>(() => {});
      const silent = Date.now() - aliveAt > stallMs;
      if (!silent || !(await hasNoReason(options))) answersSince = Number.POSITIVE_INFINITY;
      else answersSince = Math.min(answersSince, Date.now());
      if (Date.now() - answersSince > stallMs) throw stalledError();
    }
  };
  return Promise.race([crashed, stalled()]);
}

function stalledError(): SwitchboardError {
  const message = 'the consumer stands still although its broker answers';
  return new SwitchboardError('consumer_stalled', message, { retryable: true });
}

function isStalled(error: unknown): boolean {
  return error instanceof SwitchboardError && error.code === 'consumer_stalled';
}

/** Whether the broker answers, and the group does not wait for its members' last batches, ours among them. */
async function hasNoReason(options: ConsumerSessionOptions): Promise<boolean> {
  try {
    return !(await isGathering(options));
  } catch {
    return false;
  }
}

/** Waits for the batches in hand as long as they take, but for kafkajs itself only so long. */
async function leave(consumer: KafkaConsumer, work: Work): Promise<void> {
  const left = consumer.disconnect().catch(() => {});
  let done = false;
  left.then(() => {
    done = true;
  });
  while (!done && work.inHand() > 0) await Promise.race([left, sleep(50)]);
  await withDeadline(hangMs, 'leaving the group', left).catch(() => {});
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
