import { type FailedEvent, failedMessage, type HandleBatch, isPutBack } from '@switchboard/kafka';
import { gather, type Logger, type Tracing, traceIdOf } from '@switchboard/platform';
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

/** A batch of so many events is worth a run of its own. */
const large = 50;

/**
 * Handles batches by a pipeline: each event is enriched, set aside or dropped before its offset is passed.
 * @param callIdOf which call an event is of, also where its bytes can't be read
 */
export function handleBatches<E extends { event: { received_at: number } }>(
  { prefix, setAside, logger, metrics, tracing, now }: HandleBatchesDeps,
  pipeline: Pipeline<Arrived, E>,
  callIdOf: (arrived: Arrived) => string | null,
): HandleBatch {
  // One fetch brings a few events of each partition: a look-up, a turn of the extraction thread and a send serve all of them.
  const runTogether = gather(async (batches: readonly (readonly Arrived[])[]) => {
    const results = await pipeline.run(batches.flat());
    let end = 0;
    return batches.map(({ length }) => {
      end += length;
      return results.slice(end - length, end);
    });
  });
  const run = (arrived: readonly Arrived[]) =>
    arrived.length < large ? runTogether(arrived) : pipeline.run(arrived);

  return async function handleBatch(batch) {
    const startedAt = now();
    const arrived = batch.messages.map((message) => ({ topic: batch.topic, message }));
    const results = await run(arrived);
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
    metrics.eventDone(result, now(), input !== undefined && isPutBack(input.message.headers));
  }
}
