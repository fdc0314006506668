import { type FailedEvent, failedMessage, type HandleBatch } from '@switchboard/kafka';
import { type Logger, type Tracing, traceIdOf } from '@switchboard/platform';
import type { EnrichMetrics } from './enrich-metrics.ts';
import type { Arrived } from './events.ts';
import type { Pipeline } from './pipeline/pipeline.ts';
import type { StepResult } from './pipeline/results.ts';

export interface HandleBatchesDeps {
  /** Of topic names. */
  prefix: string;
  /** Resolves when the broker has the dead letter. @throws retryable while it is away */
  setAside: (event: FailedEvent) => Promise<unknown>;
  logger: Logger;
  metrics: EnrichMetrics;
  tracing: Tracing;
  now: () => number;
}

/**
 * Handles batches by a pipeline: each event is enriched, set aside or dropped before its offset is passed.
 * @param callIdOf which call an event is of, also where its bytes can't be read
 */
export function handleBatches<E extends { event: { received_at: number } }>(
  { prefix, setAside, logger, metrics, tracing, now }: HandleBatchesDeps,
  pipeline: Pipeline<Arrived, E>,
  callIdOf: (arrived: Arrived) => string | null,
): HandleBatch {
  return async function handleBatch(batch) {
    const startedAt = now();
    const arrived = batch.messages.map((message) => ({ topic: batch.topic, message }));
    const results = await pipeline.run(arrived);
    await Promise.all(results.map((result, at) => settle(result, arrived[at])));
    if (!tracing.isOn) return;
    for (const { headers } of batch.messages)
      tracing.record({
        name: 'enrich',
        traceparent: headers.traceparent,
        startedAt,
        endedAt: now(),
        attributes: {
          topic: batch.topic,
          'event.id': headers['event-id'] ?? '',
          'tenant.id': headers['tenant-id'] ?? '',
        },
      });
  };

  async function settle(result: StepResult<E>, input: Arrived | undefined): Promise<void> {
    if (input && result.kind === 'dead_letter') {
      const { reason, detail, attempts } = result;
      const failed = failedMessage(prefix, input.topic, input.message);
      await setAside({ ...failed, stage: 'enrich', reason, detail, callId: callIdOf(input), attempts });
      const { headers, offset } = input.message;
      const told = { event_id: headers['event-id'], trace_id: traceIdOf(headers.traceparent) };
      logger.warn({ reason, detail, offset, ...told }, 'event set aside');
    }
    metrics.eventDone(result, now());
  }
}
