import { uuidV5 } from '@switchboard/domain/ids';
import { type Codec, fullTopicName, type OutgoingMessage, type Producer } from '@switchboard/kafka';
import { describeError } from '@switchboard/platform';
import type { VoiceCallEnriched } from '@switchboard/schemas';
import type { Scored } from '../events.ts';
import { deadLetter, forEach, isRetryable, ok, type Step, type StepResult } from '../pipeline/results.ts';

export interface EmitEnrichedDeps {
  codec: Pick<Codec, 'encode'>;
  producer: Pick<Producer, 'send'>;
  /** Of topic names. */
  prefix: string;
  extractorVersion: string;
  /** How long the broker's answer is awaited, ms: nobody waits for enrichment, so longer than a webhook would. */
  deadlineMs: number;
}

/** Sends the enriched event and answers when the broker has it. Its id is a function of input and extractor version. */
export function createEmitEnrichedStep(deps: EmitEnrichedDeps): Step<Scored, VoiceCallEnriched> {
  const topic = fullTopicName(deps.prefix, 'voice-call.enriched.v1');
  return async function emitEnriched(scored) {
    const encoded = await forEach('emitEnriched', scored, async (input) => {
      const enriched = toEnriched(input, deps.extractorVersion);
      try {
        const value = await deps.codec.encode(topic, enriched);
        return ok({
          enriched,
          message: { topic, key: keyOf(enriched), value, headers: headersOf(input, enriched) },
        });
      } catch (error) {
        if (isRetryable(error)) throw error;
        return deadLetter('invalid_event', error);
      }
    });
    // All are encoded before the first is sent, so that the events of one key leave in the order they came.
    return Promise.all(encoded.map((result) => (result.kind === 'ok' ? send(result.value) : result)));
  };

  async function send(one: {
    enriched: VoiceCallEnriched;
    message: OutgoingMessage;
  }): Promise<StepResult<VoiceCallEnriched>> {
    try {
      await deps.producer.send(one.message, { deadlineMs: deps.deadlineMs });
      return ok(one.enriched);
    } catch (error) {
      const { code } = describeError(error);
      if (isRetryable(error)) throw error;
      if (code !== 'message_too_large' && code !== 'message_refused') throw error;
      return deadLetter('invalid_event', error);
    }
  }
}

function toEnriched(input: Scored, extractorVersion: string): VoiceCallEnriched {
  return {
    event_id: uuidV5(input.event.event_id, extractorVersion),
    extractor_version: extractorVersion,
    event: input.event,
    contact_phone: input.contactPhone,
    clinic_phone: input.clinicPhone,
    language: input.language,
    analysis: input.analysis,
    contact_name: input.contactName,
    contact_date_of_birth: input.contactDateOfBirth,
    candidates: input.candidates,
  };
}

function keyOf({ event }: VoiceCallEnriched): string {
  return `${event.tenant_id}:${event.call_id}`;
}

function headersOf({ message }: Scored, { event_id, event }: VoiceCallEnriched): Record<string, string> {
  const { traceparent } = message.headers;
  return {
    'event-id': event_id,
    'tenant-id': event.tenant_id,
    'received-at': new Date(event.received_at).toISOString(),
    ...(traceparent ? { traceparent } : {}),
  };
}
