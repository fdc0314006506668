import type { Codec, Producer } from '@switchboard/kafka';
import { describeError } from '@switchboard/platform';
import type { Arrived } from '../events.ts';
import { deadLetter, forEach, isRetryable, ok, type StepResult } from '../pipeline/results.ts';

export interface SendEnrichedDeps {
  codec: Pick<Codec, 'encode'>;
  producer: Pick<Producer, 'send'>;
  /** How long the broker's answer is awaited, ms: nobody waits for enrichment, so longer than a webhook would. */
  deadlineMs: number;
}

/** An event as it leaves. */
interface Enriched {
  event_id: string;
  event: { tenant_id: string; received_at: number };
}

export interface Outlet<I, E> {
  /** Of the step, for errors. */
  step: string;
  /** Full name. */
  topic: string;
  toEnriched: (input: I) => E;
  keyOf: (enriched: E) => string;
}

/** Sends the enriched events and answers for each when the broker has it. */
export async function sendEnriched<I extends Arrived, E extends Enriched>(
  deps: SendEnrichedDeps,
  { step, topic, toEnriched, keyOf }: Outlet<I, E>,
  inputs: readonly I[],
): Promise<StepResult<E>[]> {
  const encoded = await forEach(step, inputs, async (input) => {
    const enriched = toEnriched(input);
    try {
      const value = await deps.codec.encode(topic, enriched);
      const message = { topic, key: keyOf(enriched), value, headers: headersOf(input, enriched) };
      return ok({ enriched, message });
    } catch (error) {
      if (isRetryable(error)) throw error;
      return deadLetter('invalid_event', error);
    }
  });
  // All are encoded before the first is sent, so that the events of one key leave in the order they came.
  return Promise.all(
    encoded.map(async (result): Promise<StepResult<E>> => {
      if (result.kind !== 'ok') return result;
      const { enriched, message } = result.value;
      try {
        await deps.producer.send(message, { deadlineMs: deps.deadlineMs });
        return ok(enriched);
      } catch (error) {
        const { code } = describeError(error);
        if (isRetryable(error)) throw error;
        if (code !== 'message_too_large' && code !== 'message_refused') throw error;
        return deadLetter('invalid_event', error);
      }
    }),
  );
}

function headersOf({ message }: Arrived, { event_id, event }: Enriched): Record<string, string> {
  const { traceparent } = message.headers;
  return {
    'event-id': event_id,
    'tenant-id': event.tenant_id,
    'received-at': new Date(event.received_at).toISOString(),
    ...(traceparent ? { traceparent } : {}),
  };
}
