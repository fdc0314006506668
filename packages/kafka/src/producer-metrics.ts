import type { Metrics } from '@switchboard/platform';

export interface ProducerMetrics {
  sent(messages: number, seconds: number, bufferedBytes: number): void;
  /** A request, or an attempt to connect: what waits for one fails of its deadline, and nothing else would tell of it. */
  failed(code: string, bufferedBytes: number): void;
}

const none: ProducerMetrics = { sent: () => {}, failed: () => {} };
const made = new WeakMap<Metrics, ProducerMetrics>();

/** What producers report, together when a process has several; nothing without a registry. */
export function producerMetrics(metrics: Metrics | undefined): ProducerMetrics {
  if (!metrics) return none;
  const known = made.get(metrics) ?? createProducerMetrics(metrics);
  made.set(metrics, known);
  return known;
}

function createProducerMetrics({ counter, gauge, histogram }: Metrics): ProducerMetrics {
  const messages = counter('switchboard_kafka_sent_messages_total', 'Messages that the broker has taken');
  const duration = histogram('switchboard_kafka_send_seconds', 'From a request to the answer to it');
  const failures = counter(
    'switchboard_kafka_send_failures_total',
    'Requests, and attempts to connect, that failed',
    ['code'],
  );
  const buffered = gauge('switchboard_kafka_buffered_bytes', 'Bytes that wait for the broker');
  return {
    sent(count, seconds, bufferedBytes) {
      messages.inc(count);
      duration.observe(seconds);
      buffered.set(bufferedBytes);
    },
    failed(code, bufferedBytes) {
      failures.inc({ code });
      buffered.set(bufferedBytes);
    },
  };
}
