import type { Sealer } from '@switchboard/platform';
import type { RequestProblem } from '@switchboard/platform/problem';
import type { IngestMetrics } from '../ingest-metrics.ts';
import { comeAgain } from '../webhook/webhook-problems.ts';
import { createDeadLetter, type RejectedBody } from './dead-letters.ts';
import type { EventHeaders, EventSink } from './event-sink.ts';

export interface KeepRejectedOptions {
  sink: Pick<EventSink, 'sendDeadLetter'>;
  sealer: Pick<Sealer, 'seal'>;
  metrics: IngestMetrics;
}

/** Resolves when the broker has the body as a dead letter: until then its sender must keep it. @throws RequestProblem 503 */
export type KeepRejected = (rejected: RejectedBody, headers: EventHeaders) => Promise<void>;

export function createKeepRejected({ sink, sealer, metrics }: KeepRejectedOptions): KeepRejected {
  return async function keepRejected(rejected, headers) {
    const letter = createDeadLetter(rejected, sealer);
    try {
      await sink.sendDeadLetter(letter, {
        ...headers,
        'event-id': letter.event_id ?? letter.dead_letter_id,
      });
    } catch (error) {
      throw brokerAway(error);
    }
    metrics.deadLetters.inc({ reason: rejected.reason });
  };
}

/** 503: the broker did not take what was sent. */
export function brokerAway(cause: unknown): RequestProblem {
  return comeAgain('broker_unavailable', 'The event could not be stored safely. Send it again.', cause);
}
