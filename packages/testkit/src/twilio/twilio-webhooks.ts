import twilio from 'twilio/lib/webhooks/webhooks.js';
import { createRandom } from '../simulate/random.ts';
import type { TwilioMessage, TwilioStatus } from './twilio-messages.ts';

/** A webhook to be posted. */
export interface TwilioPost {
  url: string;
  form: Record<string, string>;
}

/** The form of a status callback. */
export function statusForm(message: TwilioMessage, status: TwilioStatus): Record<string, string> {
  const { sid, accountSid, to, from, errorCode } = message;
  const hasFailed = status === 'failed' || status === 'undelivered';
  return {
    AccountSid: accountSid,
    ApiVersion: '2010-04-01',
    ChannelPrefix: 'whatsapp',
    From: from,
    MessageSid: sid,
    MessageStatus: status,
    SmsSid: sid,
    SmsStatus: status,
    To: to,
    ...(hasFailed && errorCode !== null && { ErrorCode: String(errorCode) }),
    ...(status === 'read' && { EventType: 'READ' }),
  };
}

/** The form of a message that came in. */
export function inboundForm(
  message: TwilioMessage,
  mediaUrl: (index: number) => string,
  fields: Record<string, string>,
): Record<string, string> {
  const { sid, accountSid, to, from, body, media } = message;
  return {
    AccountSid: accountSid,
    ApiVersion: '2010-04-01',
    Body: body,
    From: from,
    MessageSid: sid,
    MessageType: media.length > 0 ? 'image' : 'text',
    NumMedia: String(media.length),
    NumSegments: '1',
    ReferralNumMedia: '0',
    SmsMessageSid: sid,
    SmsSid: sid,
    SmsStatus: 'received',
    To: to,
    WaId: from.replace(/\D/g, ''),
    ...Object.fromEntries(
      media.flatMap(({ contentType }, index) => [
        [`MediaUrl${index}`, mediaUrl(index)],
        [`MediaContentType${index}`, contentType],
      ]),
    ),
    ...fields,
  };
}

/** Headers of a form as Twilio signs it. */
export function signedHeaders({ url, form }: TwilioPost, authToken: string): Record<string, string> {
  return {
    'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
    'user-agent': 'TwilioProxy/1.1',
    'x-twilio-signature': twilio.getExpectedTwilioSignature(authToken, url, form),
  };
}

/** Posts a form as Twilio does, signed with the account's token. @returns the status of the answer; 0: there was none */
export async function postSigned({ url, form }: TwilioPost, authToken: string): Promise<number> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: signedHeaders({ url, form }, authToken),
      body: new URLSearchParams(form).toString(),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

/** Statuses in the order in which they are told: by seed some twice, and some before those that they follow. */
export function shuffleStatuses(
  statuses: readonly TwilioStatus[],
  { seed, twice, outOfOrder }: { seed: number; twice: number; outOfOrder: number },
): TwilioStatus[] {
  const random = createRandom(seed);
  const told = statuses.flatMap((status) => (random.chance(twice) ? [status, status] : [status]));
  return random.chance(outOfOrder) ? random.shuffle(told) : told;
}
