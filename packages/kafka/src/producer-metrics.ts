import type { Metrics } from '@switchboard/platform';

export interface ProducerMetrics {
  sent(messages: number, seconds: number): void;
  failed(code: string): void;
}

/** What a producer reports; nothing without a registry. */
export function createProducerMetrics(
  metrics: Metrics | undefined,
  bufferedBytes: () => number,
): ProducerMetrics {
  if (!metrics) return { sent: () => {}, failed: () => {} };
  const messages = metrics.counter('switchboard_kafka_sent_messages_total', 'Messages the broker has taken');
  const duration = metrics.histogram('switchboard_kafka_send_seconds', 'From a request to the answer to it');
  const failures = metrics.counter('switchboard_kafka_send_failures_total', 'Requests that failed', ['code']);
  const buffered = metrics.gauge('switchboard_kafka_buffered_bytes', 'Bytes that wait for the broker');
  return {
    sent(count, seconds) {
      messages.inc(count);
      duration.observe(seconds);
      buffered.set(bufferedBytes());
    },
    failed(code) {
      failures.inc({ code });
      buffered.set(bufferedBytes());
    },
  };
}
