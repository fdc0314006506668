import { type FailedEvent, failedMessage, type HandleBatch } from '@switchboard/kafka';
import type { Logger } from '@switchboard/platform';
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
  now: () => number;
}

/**
 * Handles batches by a pipeline: each event is enriched, set aside or dropped before its offset is passed.
 * @param callIdOf which call an event is of, also where its bytes can't be read
 */
export function handleBatches<E extends { event: { received_at: number } }>(
  { prefix, setAside, logger, metrics, now }: HandleBatchesDeps,
  pipeline: Pipeline<Arrived, E>,
  callIdOf: (arrived: Arrived) => string | null,
): HandleBatch {
  return async function handleBatch(batch) {
    const arrived = batch.messages.map((message) => ({ topic: batch.topic, message }));
    const results = await pipeline.run(arrived);
    await Promise.all(results.map((result, at) => settle(result, arrived[at])));
  };

  async function settle(result: StepResult<E>, input: Arrived | undefined): Promise<void> {
    if (input && result.kind === 'dead_letter') {
      const { reason, detail, attempts } = result;
      const failed = failedMessage(prefix, input.topic, input.message);
      await setAside({ ...failed, stage: 'enrich', reason, detail, callId: callIdOf(input), attempts });
      logger.warn({ reason, detail, offset: input.message.offset }, 'event set aside');
    }
    metrics.eventDone(result, now());
  }
}
