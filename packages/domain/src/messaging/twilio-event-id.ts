import { eventId } from '../ids.ts';

export type MessageEventType = 'message.received' | 'message.status' | 'message.edited';

/** As events and records name how far a message got. */
export type MessageStatus = 'queued' | 'sent' | 'delivered' | 'read' | 'failed' | 'undelivered' | 'received';

const statuses: Readonly<Record<string, MessageStatus>> = {
  accepted: 'queued',
  scheduled: 'queued',
  queued: 'queued',
  sending: 'queued',
  sent: 'sent',
  delivered: 'delivered',
  partially_delivered: 'delivered',
  read: 'read',
  failed: 'failed',
  canceled: 'failed',
  undelivered: 'undelivered',
  receiving: 'received',
  received: 'received',
};

/** Twilio's word for how far a message got, in ours; null: one that is not known. */
export function readTwilioStatus(word: string): MessageStatus | null {
  const key = word.trim().toLowerCase();
  return Object.hasOwn(statuses, key) ? (statuses[key] ?? null) : null;
}

/**
 * Id of what Twilio tells of a message: the same whether a webhook brought it or a listing of Twilio's messages.
 * @param status Twilio's own word; of a `message.status` alone, elsewhere it is left out
 */
export function twilioEventId(
  tenantId: string,
  eventType: MessageEventType,
  sid: string,
  status: string | null,
): string {
  const telling = eventType === 'message.status' && status !== null ? [status.trim().toLowerCase()] : [];
  return eventId(tenantId, 'twilio', eventType, sid, ...telling);
}
