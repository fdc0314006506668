import type { KeyObject } from 'node:crypto';
import { contactKeyOf } from '@switchboard/domain/messaging/contact-key';
import { twilioEventId } from '@switchboard/domain/messaging/twilio-event-id';
import type { MessageReceived } from '@switchboard/schemas';
import type { EventHeaders, EventSink } from '../events/event-sink.ts';
import { brokerAway, type KeepRejected } from '../events/keep-rejected.ts';
import { invalidBody, notParsed, type Rejection, rejectionOf } from '../events/rejections.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import type { FormFields } from '../signatures/twilio.ts';
import type { Tenant } from '../tenants/tenant-directory.ts';
import { invalid } from '../webhook/webhook-problems.ts';
import { keptType } from './kept-type.ts';
import { readMessage, type TwilioMessage } from './read-message.ts';

export interface AcceptMessageOptions {
  sink: Pick<EventSink, 'sendMessage'>;
  keepRejected: KeepRejected;
  pseudonymKey: KeyObject;
  metrics: IngestMetrics;
}

/** A body of Twilio's whose sender is known. */
export interface AuthenticMessage {
  tenant: Pick<Tenant, 'id'>;
  /** As received. */
  body: Buffer;
  contentType: string;
  /** Null: they could not be read. */
  fields: FormFields | null;
  /** `?send=` of our own callbacks. */
  sendId: string | null;
  /** Unix milliseconds. */
  receivedAt: number;
  headers: EventHeaders;
}

/** Resolves when the broker has the event. @throws RequestProblem 400, 422, 503 */
export type AcceptMessage = (message: AuthenticMessage) => Promise<void>;

/** Makes an event of an authentic body and sends it; what can't become one is kept as a dead letter. */
export function createAcceptMessage(options: AcceptMessageOptions): AcceptMessage {
  const { sink, keepRejected, metrics } = options;

  return async function acceptMessage(authentic) {
    const { fields, tenant, receivedAt, headers } = authentic;
    if (!fields) return refuse(authentic, notParsed.not_json, null);
    const read = readMessage(fields, authentic.sendId);
    if (!read.ok) return refuse(authentic, invalidBody(read.errors), null);
    const event = toEvent(read.message, tenant.id, receivedAt, options.pseudonymKey);
    try {
      await sink.sendMessage(event, { ...headers, 'event-id': event.event_id });
    } catch (error) {
      const rejection = rejectionOf(error);
      if (!rejection) throw brokerAway(error);
      return refuse(authentic, rejection, event.event_id);
    }
    metrics.accepted.inc({ vendor: 'twilio', event: event.event_type });
  };

  async function refuse(
    { tenant, body, contentType: type, sendId, receivedAt, headers }: AuthenticMessage,
    { reason, detail, errors }: Rejection,
    eventId: string | null,
  ): Promise<never> {
    const contentType = keptType(type, sendId);
    const rejected = { tenantId: tenant.id, source: 'twilio', reason, errors, body, contentType };
    await keepRejected({ ...rejected, eventId, callId: null, receivedAt }, headers);
    throw invalid(reason === 'not_json' ? 400 : 422, reason, detail, errors);
  }
}

function toEvent(
  { word, contact, ...message }: TwilioMessage,
  tenantId: string,
  receivedAt: number,
  key: KeyObject,
): MessageReceived {
  const type =
    message.event_type === 'message.status' || message.event_type === 'message.edited'
      ? message.event_type
      : 'message.received';
  return {
    ...message,
    event_id: twilioEventId(tenantId, type, message.message_id, word),
    tenant_id: tenantId,
    source: 'twilio',
    received_at: receivedAt,
    contact_key: contactKeyOf(key, tenantId, message.channel, contact),
  };
}
