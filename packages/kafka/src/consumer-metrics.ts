import { type Metrics, sleep } from '@switchboard/platform';
import type { PartitionLag } from './consumer-types.ts';

export interface ConsumerMetrics {
  finished(topic: string, messages: number, seconds: number): void;
  retried(topic: string, code: string): void;
  /** Reports a group's lag every 10 s until aborted. */
  watchLag(group: string, read: () => Promise<PartitionLag[]>, signal: AbortSignal): Promise<void>;
}

const lagEveryMs = 10_000;
const none: ConsumerMetrics = { finished: () => {}, retried: () => {}, watchLag: async () => {} };
const made = new WeakMap<Metrics, ConsumerMetrics>();

/** What consumers report, together when a process has several; nothing without a registry. */
export function consumerMetrics(metrics: Metrics | undefined): ConsumerMetrics {
  if (!metrics) return none;
  const known = made.get(metrics) ?? createConsumerMetrics(metrics);
  made.set(metrics, known);
  return known;
}

function createConsumerMetrics({ counter, gauge, histogram }: Metrics): ConsumerMetrics {
  const messages = counter('switchboard_kafka_finished_messages_total', 'Messages finished and committed', [
    'topic',
  ]);
  const duration = histogram('switchboard_kafka_batch_seconds', 'From a batch in hand to its commit', [
    'topic',
  ]);
  const sizes = histogram(
    'switchboard_kafka_batch_messages',
    'Messages of one batch that was finished',
    ['topic'],
    [1, 2, 5, 10, 20, 50, 100, 200, 500],
  );
  const retries = counter('switchboard_kafka_batch_retries_total', 'Batches that had to come again', [
    'topic',
    'code',
  ]);
  const lag = gauge('switchboard_kafka_lag_messages', 'Messages that the group has not finished', [
    'group',
    'topic',
    'partition',
  ]);
  return {
    finished(topic, count, seconds) {
      messages.inc({ topic }, count);
      duration.observe({ topic }, seconds);
      sizes.observe({ topic }, count);
    },
    retried: (topic, code) => retries.inc({ topic, code }),
    async watchLag(group, read, signal) {
      for (await sleep(lagEveryMs, signal); !signal.aborted; await sleep(lagEveryMs, signal)) {
        // While the broker is away the last lag known stays; that it is away is told by others.
        const positions = await read().catch(() => []);
        for (const position of positions) {
          lag.set({ group, topic: position.topic, partition: position.partition }, position.lag);
        }
      }
    },
  };
}
