import {
  type FailedEvent,
  failedMessage,
  type HandleBatch,
  type IncomingMessage,
  isPutBack,
} from '@switchboard/kafka';
import { eventInLog, gather, type Logger, recordEvents, type Tracing } from '@switchboard/platform';
import type { GuardedWork } from '@switchboard/postgres/pipeline/guard-batches';
import { mostAttempts } from '@switchboard/postgres/pipeline/suspects';
import type { EnrichMetrics } from './enrich-metrics.ts';
import type { Arrived } from './events.ts';
import type { Pipeline } from './pipeline/pipeline.ts';
import { deadLetter, type StepResult } from './pipeline/results.ts';

export interface HandleBatchesDeps {
  /** Of topic names. */
  prefix: string;
  /** Has the work done so that an event which kills the process is found: see `guardBatches`. */
  guard: (work: GuardedWork<IncomingMessage>) => HandleBatch;
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
  { prefix, guard, setAside, logger, metrics, tracing, now }: HandleBatchesDeps,
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
  const handle = guard({
    async work({ topic }, messages: readonly IncomingMessage[], { attempts, isSuspect }) {
      const arrived = messages.map((message) => ({ topic, message }));
      // What may end the process is alone in its run: else its death would be that of others, too.
      const isApart = isSuspect || arrived.length >= large;
      const results = await (isApart ? pipeline.run(arrived) : runTogether(arrived));
      await Promise.all(results.map((result, at) => settle(result, arrived[at], attempts)));
    },
    putKillerAside: ({ topic }, message, lastAt) =>
      settle(deadLetter('process_killed'), { topic, message }, mostAttempts, lastAt),
  });

  return async function handleBatch(batch, context) {
    const startedAt = now();
    await handle(batch, context);
    recordEvents(tracing, { name: 'enrich', topic: batch.topic, startedAt, endedAt: now() }, batch.messages);
  };

  /** @param lastAt when it failed last, Unix ms; now unless told */
  async function settle(
    result: StepResult<E>,
    input: Arrived | undefined,
    begun: number,
    lastAt?: number,
  ): Promise<void> {
    if (input && result.kind === 'dead_letter') {
      const { reason, detail, attempts = begun } = result;
      const failed = failedMessage(prefix, input.topic, input.message);
      await setAside({
        ...failed,
        stage: 'enrich',
        reason,
        detail,
        callId: callIdOf(input),
        attempts,
        lastAt,
      });
      const { headers, offset } = input.message;
      logger.warn({ reason, detail, offset, ...eventInLog(headers) }, 'event set aside');
    }
    metrics.eventDone(result, now(), input !== undefined && isPutBack(input.message.headers));
  }
}
