import { createHash } from 'node:crypto';

/** Twilio's own words for how far a message got. */
export type TwilioStatus = 'queued' | 'sent' | 'delivered' | 'read' | 'failed' | 'undelivered' | 'received';

export interface TwilioMedia {
  sid: string;
  contentType: string;
  bytes: Buffer;
}

/** A message that Twilio holds. */
export interface TwilioMessage {
  sid: string;
  accountSid: string;
  direction: 'inbound' | 'outbound-api';
  /** `whatsapp:+…`, as everywhere here. */
  from: string;
  to: string;
  body: string;
  status: TwilioStatus;
  errorCode: number | null;
  createdAt: Date;
  /** Null while it waits to go out. */
  sentAt: Date | null;
  media: readonly TwilioMedia[];
  /** Where it fetches what goes out with the text. */
  mediaUrls: readonly string[];
  statusCallback: string | null;
  contentSid: string | null;
  contentVariables: string | null;
}

export interface MessageFilter {
  to: string | null;
  from: string | null;
  sentFrom: Date | null;
  sentBefore: Date | null;
  /** A day of UTC. */
  sentOn: string | null;
}

/** An id as Twilio makes them, by seed and number. */
export function twilioSid(prefix: string, seed: number, index: number): string {
  return `${prefix}${createHash('md5').update(`${seed}:${prefix}:${index}`).digest('hex')}`;
}

/** The filters of a listing, as its query names them. */
export function readFilter(query: URLSearchParams): MessageFilter {
  const date = (name: string) => {
    const text = query.get(name);
    return text === null ? null : new Date(text);
  };
  return {
    to: query.get('To'),
    from: query.get('From'),
    sentFrom: date('DateSent>'),
    sentBefore: date('DateSent<'),
    sentOn: query.get('DateSent')?.slice(0, 10) ?? null,
  };
}

/** Whether a listing shows a message. What has not gone out yet has no date, so that no date finds it. */
export function isListed(message: TwilioMessage, filter: MessageFilter): boolean {
  const { to, from, sentFrom, sentBefore, sentOn } = filter;
  if ((to !== null && message.to !== to) || (from !== null && message.from !== from)) return false;
  if (sentFrom === null && sentBefore === null && sentOn === null) return true;
  if (message.sentAt === null) return false;
  // Twilio's dates have whole seconds.
  const sentAt = Math.floor(message.sentAt.getTime() / 1_000) * 1_000;
  return (
    (sentFrom === null || sentAt >= sentFrom.getTime()) &&
    (sentBefore === null || sentAt <= sentBefore.getTime()) &&
    (sentOn === null || new Date(sentAt).toISOString().startsWith(sentOn))
  );
}

/** A message as the API shows it. */
export function messageResource(message: TwilioMessage): Record<string, unknown> {
  const uri = `/2010-04-01/Accounts/${message.accountSid}/Messages/${message.sid}`;
  return {
    account_sid: message.accountSid,
    api_version: '2010-04-01',
    body: message.body,
    date_created: rfc2822(message.createdAt),
    date_sent: message.sentAt && rfc2822(message.sentAt),
    date_updated: rfc2822(message.sentAt ?? message.createdAt),
    direction: message.direction,
    error_code: message.errorCode,
    error_message: null,
    from: message.from,
    messaging_service_sid: null,
    num_media: String(message.media.length),
    num_segments: '1',
    price: null,
    price_unit: 'USD',
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${uri}/Media.json` },
    to: message.to,
    uri: `${uri}.json`,
  };
}

/** A file of a message as the API shows it. */
export function mediaResource(message: TwilioMessage, media: TwilioMedia): Record<string, unknown> {
  return {
    account_sid: message.accountSid,
    parent_sid: message.sid,
    sid: media.sid,
    content_type: media.contentType,
    date_created: rfc2822(message.createdAt),
    date_updated: rfc2822(message.createdAt),
    uri: `/2010-04-01/Accounts/${message.accountSid}/Messages/${message.sid}/Media/${media.sid}.json`,
  };
}

function rfc2822(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000');
}
