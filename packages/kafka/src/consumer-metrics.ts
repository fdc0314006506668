import type { Metrics } from '@switchboard/platform';

export interface ConsumerMetrics {
  finished(topic: string, messages: number, seconds: number): void;
  retried(topic: string, code: string): void;
}

/** What a consumer reports; nothing without a registry. */
export function createConsumerMetrics(metrics: Metrics | undefined): ConsumerMetrics {
  if (!metrics) return { finished: () => {}, retried: () => {} };
  const messages = metrics.counter(
    'switchboard_kafka_finished_messages_total',
    'Messages finished and committed',
    ['topic'],
  );
  const duration = metrics.histogram(
    'switchboard_kafka_batch_seconds',
    'From a batch in hand to its commit',
    ['topic'],
  );
  const retries = metrics.counter(
    'switchboard_kafka_batch_retries_total',
    'Batches that have to come again',
    ['topic', 'code'],
  );
  return {
    finished(topic, count, seconds) {
      messages.inc({ topic }, count);
      duration.observe({ topic }, seconds);
    },
    retried: (topic, code) => retries.inc({ topic, code }),
  };
}
