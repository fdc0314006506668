import { eventId } from '@switchboard/domain/ids';
import type { VoiceCallReceived } from '@switchboard/schemas';
import { type JsonObject, parseJson } from '../body/parse-json.ts';
import { idAt } from '../events/dead-letters.ts';
import type { EventSink } from '../events/event-sink.ts';
import { brokerAway, type KeepRejected } from '../events/keep-rejected.ts';
import { invalidBody, notParsed, type Rejection, rejectionOf } from '../events/rejections.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import type { AuthenticWebhook } from './voice-webhook.ts';
import { invalid } from './webhook-problems.ts';

export interface AcceptEventOptions {
  sink: Pick<EventSink, 'sendCall'>;
  keepRejected: KeepRejected;
  vendorNames: readonly string[];
  metrics: IngestMetrics;
}

/** Returns the event's id once the broker has it; undefined: it is no event of ours. @throws RequestProblem 400, 422, 503 */
export type AcceptEvent = (webhook: AuthenticWebhook) => Promise<string | undefined>;

type Read = { event: VoiceCallReceived } | { ignored: true } | { rejection: Rejection; parsed?: JsonObject };

/** Makes an event of an authentic body and sends it; what can't become one is kept as a dead letter. */
export function createAcceptEvent({
  sink,
  keepRejected,
  vendorNames,
  metrics,
}: AcceptEventOptions): AcceptEvent {
  return async function acceptEvent(webhook) {
    const read = toEvent(webhook);
    if ('ignored' in read) {
      metrics.ignored.inc({ vendor: webhook.vendorName });
      return undefined;
    }
    if (!('event' in read)) return refuse(webhook, read.rejection, read.parsed);
    const { event } = read;
    try {
      await sink.sendCall(event, { ...webhook.headers, 'event-id': event.event_id });
    } catch (error) {
      const rejection = rejectionOf(error);
      if (!rejection) throw brokerAway(error);
      return refuse(webhook, rejection);
    }
    metrics.accepted.inc({ vendor: event.source, event: event.event_type });
    return event.event_id;
  };

  function toEvent(webhook: AuthenticWebhook): Read {
    const { vendor, tenant, body, receivedAt } = webhook;
    const json = parseJson(body);
    if (!json.ok) return { rejection: notParsed[json.reason] };
    const parsed = json.value;
    if (!vendor) return { rejection: unknownVendor(vendorNames), parsed };
    const read = vendor.read(parsed, receivedAt);
    if (!read.ok) return { rejection: invalidBody(read.errors), parsed };
    if ('ignored' in read) return read;
    return {
      event: {
        ...read.event,
        event_id: eventId(tenant.id, vendor.name, 'voice-call', read.event.vendor_event_id),
        tenant_id: tenant.id,
        source: vendor.name,
        received_at: receivedAt,
      },
    };
  }

  /** Answers only when the broker has the dead letter. */
  async function refuse(
    webhook: AuthenticWebhook,
    rejection: Rejection,
    parsed?: JsonObject,
  ): Promise<never> {
    const { reason, detail, errors } = rejection;
    const { tenant, vendorName, body, contentType, receivedAt } = webhook;
    const source = plainVendorName.test(vendorName) ? vendorName : 'unknown';
    const vendorEventId = idAt(parsed, 'event_id');
    await keepRejected(
      {
        tenantId: tenant.id,
        source,
        reason,
        errors,
        body,
        contentType,
        eventId: vendorEventId && eventId(tenant.id, source, 'voice-call', vendorEventId),
        callId: idAt(parsed, ...(webhook.vendor?.callIdAt ?? ['call', 'id'])),
        receivedAt,
      },
      webhook.headers,
    );
    throw invalid(reason === 'not_json' ? 400 : 422, reason, detail, errors);
  }
}

const plainVendorName = /^[a-z][a-z0-9_-]{0,31}$/;

function unknownVendor(names: readonly string[]): Rejection {
  return {
    reason: 'unknown_vendor',
    detail: 'No such vendor is known. The body was kept.',
    errors: [
      { location: 'query.vendor', message: 'is not a vendor', fix: `Send one of: ${names.join(', ')}.` },
    ],
  };
}
