import type { KeyObject } from 'node:crypto';
import { contactKeyOf } from '@switchboard/domain/messaging/contact-key';
import {
  type MessageEventType,
  readTwilioStatus,
  twilioEventId,
} from '@switchboard/domain/messaging/twilio-event-id';
import type { MessageMedia, MessageReceived } from '@switchboard/schemas';
import type { ListedMessage } from './look-for-message.ts';

export interface EventOptions {
  tenantId: string;
  contactKey: KeyObject;
  /** Unix milliseconds. */
  receivedAt: number;
}

/** A message of Twilio's list as the event that its webhook would have made. */
export function messageEvent(
  options: EventOptions,
  message: ListedMessage,
  media: MessageMedia[],
): MessageReceived {
  return {
    ...eventOf(options, 'message.received', message),
    body: message.body || null,
    media: media.length > 0 ? media : null,
    kind: media.length > 0 ? 'media' : 'text',
  };
}

/** How far a message of Twilio's list got, as the event that the status callback would have made. */
export function statusEvent(options: EventOptions, message: ListedMessage): MessageReceived {
  return eventOf(options, 'message.status', message);
}

function eventOf(
  { tenantId, contactKey, receivedAt }: EventOptions,
  type: MessageEventType,
  message: ListedMessage,
): MessageReceived {
  const { sid, from, to, status, price, priceUnit, dateSent, dateCreated, dateUpdated } = message;
  const direction = message.direction === 'inbound' ? 'inbound' : 'outbound';
  const contact = direction === 'inbound' ? from : to;
  const channel = contact.startsWith('whatsapp:') ? 'whatsapp' : 'sms';
  const cost = price === null || price === '' ? Number.NaN : Math.abs(Number(price)) * 100;
  return {
    event_id: twilioEventId(tenantId, type, sid, status),
    tenant_id: tenantId,
    source: 'twilio',
    vendor_event_id: sid,
    event_type: type,
    message_id: sid,
    contact_key: contactKeyOf(contactKey, tenantId, channel, contact),
    channel,
    direction,
    occurred_at: (type === 'message.status' ? dateUpdated : (dateSent ?? dateCreated)).getTime(),
    received_at: receivedAt,
    from_number: from,
    to_number: to,
    profile_name: null,
    body: null,
    status: readTwilioStatus(status),
    error_code: message.errorCode ? String(message.errorCode) : null,
    media: null,
    quoted_message_id: null,
    button_text: null,
    button_payload: null,
    location: null,
    template: null,
    segments: Number(message.numSegments) || null,
    cost_minor: Number.isNaN(cost) ? null : cost,
    cost_currency: Number.isNaN(cost) ? null : priceUnit,
    kind: null,
    target_message_id: null,
    reaction: null,
    send_id: null,
    extra: null,
  };
}
