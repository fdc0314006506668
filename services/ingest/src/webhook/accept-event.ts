import type { DeadLetterReason } from '@switchboard/domain/dead-letter-reasons';
import { eventId } from '@switchboard/domain/ids';
import { type Sealer, SwitchboardError } from '@switchboard/platform';
import type { ProblemError, RequestProblem } from '@switchboard/platform/problem';
import type { VoiceCallReceived } from '@switchboard/schemas';
import { type JsonObject, maxDepth, parseJson } from '../body/parse-json.ts';
import { createDeadLetter } from '../events/dead-letters.ts';
import type { EventSink } from '../events/event-sink.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import type { AuthenticWebhook } from './voice-webhook.ts';
import { comeAgain, invalid } from './webhook-problems.ts';

export interface AcceptEventOptions {
  sink: EventSink;
  sealer: Pick<Sealer, 'seal'>;
  vendorNames: readonly string[];
  metrics: IngestMetrics;
}

/** Returns the event's id once the broker has it. @throws RequestProblem 400, 422, 503 */
export type AcceptEvent = (webhook: AuthenticWebhook) => Promise<string>;

interface Rejection {
  reason: DeadLetterReason;
  detail: string;
  errors: readonly ProblemError[];
  parsed?: JsonObject;
}

/** Makes an event of an authentic body and sends it; what can't become one is kept as a dead letter. */
export function createAcceptEvent({ sink, sealer, vendorNames, metrics }: AcceptEventOptions): AcceptEvent {
  return async function acceptEvent(webhook) {
    const event = toEvent(webhook);
    if ('reason' in event) throw await keep(webhook, event);
    try {
      await sink.sendCall(event, { ...webhook.headers, 'event-id': event.event_id });
    } catch (error) {
      if (isRetryable(error)) throw brokerAway(error);
      throw await keep(webhook, rejectionOf(error));
    }
    metrics.accepted.inc({ vendor: event.source, event: event.event_type });
    return event.event_id;
  };

  function toEvent(webhook: AuthenticWebhook): VoiceCallReceived | Rejection {
    const { vendor, tenant, body, receivedAt } = webhook;
    const json = parseJson(body);
    if (!json.ok) return notParsed[json.reason];
    if (!vendor) return { ...unknownVendor(vendorNames), parsed: json.value };
    const read = vendor.read(json.value, receivedAt);
    if (!read.ok) return { ...invalidBody, errors: read.errors, parsed: json.value };
    return {
      ...read.event,
      event_id: eventId(tenant.id, vendor.name, 'voice-call', read.event.vendor_event_id),
      tenant_id: tenant.id,
      source: vendor.name,
      received_at: receivedAt,
    };
  }

  /** Answers only when the broker has the dead letter: until then the vendor must keep the body. */
  async function keep(webhook: AuthenticWebhook, rejection: Rejection): Promise<RequestProblem> {
    const { reason, detail, errors, parsed } = rejection;
    const { tenant, vendorName, body, contentType, receivedAt } = webhook;
    const letter = createDeadLetter(
      { tenantId: tenant.id, vendor: vendorName, reason, errors, body, parsed, contentType, receivedAt },
      sealer,
    );
    try {
      await sink.sendDeadLetter(letter, {
        ...webhook.headers,
        'event-id': letter.event_id ?? letter.dead_letter_id,
      });
    } catch (error) {
      throw brokerAway(error);
    }
    metrics.deadLetters.inc({ reason });
    return invalid(reason === 'not_json' ? 400 : 422, reason, detail, errors);
  }
}

const invalidBody = {
  reason: 'invalid_body',
  detail: 'The body is not a valid event. It was kept.',
} as const;

const notParsed: Record<'not_json' | 'not_an_object' | 'too_deep', Rejection> = {
  not_json: { reason: 'not_json', detail: 'The body is not JSON in UTF-8. It was kept.', errors: [] },
  not_an_object: {
    reason: 'not_an_object',
    detail: 'The body is not a JSON object. It was kept.',
    errors: [{ location: '', message: 'is not an object', fix: 'Send one JSON object.' }],
  },
  too_deep: {
    reason: 'too_deep',
    detail: 'The body is nested too deeply. It was kept.',
    errors: [{ location: '', message: 'is nested too deeply', fix: `Nest at most ${maxDepth} levels.` }],
  },
};

const notSendable: Rejection = {
  reason: 'not_sendable',
  detail: 'The event is larger than can be passed on. It was kept.',
  errors: [{ location: '', message: 'is too large as an event', fix: 'Send less in one event.' }],
};

const notEncodable: Rejection = {
  reason: 'invalid_event',
  detail: 'The event does not fit what we pass on. It was kept.',
  errors: [],
};

function rejectionOf(error: unknown): Rejection {
  const isOurs = error instanceof SwitchboardError && error.code === 'invalid_event';
  return isOurs ? notEncodable : notSendable;
}

function unknownVendor(names: readonly string[]): Rejection {
  return {
    reason: 'unknown_vendor',
    detail: 'No such vendor is known. The body was kept.',
    errors: [
      { location: 'query.vendor', message: 'is not a vendor', fix: `Send one of: ${names.join(', ')}.` },
    ],
  };
}

function isRetryable(error: unknown): boolean {
  return !(error instanceof SwitchboardError) || error.retryable;
}

function brokerAway(cause: unknown): RequestProblem {
  return comeAgain('broker_unavailable', 'The event could not be stored safely. Send it again.', cause);
}
