import { isUuid } from '@switchboard/domain/ids';
import { readTwilioStatus } from '@switchboard/domain/messaging/twilio-event-id';
import type { ProblemError } from '@switchboard/platform/problem';
import type { MessageMedia, MessageReceived, SharedLocation } from '@switchboard/schemas';
import type { FormFields } from '../signatures/twilio.ts';
import { withoutNul } from './read-fields.ts';
import { twilioFields } from './twilio-fields.ts';

/** A message of Twilio's in our names, before it has an id, a tenant and a time of arrival. */
export type TwilioMessage = Omit<
  MessageReceived,
  'event_id' | 'tenant_id' | 'source' | 'received_at' | 'contact_key'
> & {
  /** Twilio's own word for the status. */
  word: string | null;
  /** The other party, as Twilio writes it. */
  contact: string;
};

export type MessageResult = { ok: true; message: TwilioMessage } | { ok: false; errors: ProblemError[] };

const known = new Set(Object.keys(twilioFields));

/** Which of two numbers is the clinic's, before anything is proven: of what it sent, the sender. */
export function clinicAddressOf(fields: FormFields): string {
  return first(fields, isStatus(fields) ? 'From' : 'To') ?? '';
}

/** @param sendId what the address of the callback carries */
export function readMessage(signed: FormFields, sendId: string | null): MessageResult {
  const fields = withoutNul(signed);
  const text = (name: string) => first(fields, name);
  const errors: ProblemError[] = [];
  const sid = text('MessageSid') ?? text('SmsMessageSid') ?? text('SmsSid') ?? '';
  if (!/^[\w-]{2,64}$/.test(sid)) errors.push(fault('MessageSid', 'is no id of a message', 'Send Twilio’s.'));
  const status = isStatus(fields);
  const contact = text(status ? 'To' : 'From') ?? '';
  if (!/^(?:whatsapp:|sms:)?[^:\s][^:]{0,200}$/.test(contact))
    errors.push(fault(status ? 'To' : 'From', 'is no WhatsApp or SMS address', 'Send a number.'));
  const media = readMedia(fields, errors);
  const location = readLocation(fields);
  if (errors.length > 0) return { ok: false, errors };

  const word = text('MessageStatus') ?? text('SmsStatus');
  const ours = word === null ? null : readTwilioStatus(word);
  const target = status ? null : targetOf(fields, sid);
  const kind = status ? null : kindOf(fields, media, location, target);
  return {
    ok: true,
    message: {
      vendor_event_id: sid,
      event_type: status ? 'message.status' : kind === 'edit' ? 'message.edited' : 'message.received',
      message_id: sid,
      channel: contact.startsWith('whatsapp:') ? 'whatsapp' : 'sms',
      direction: status ? 'outbound' : 'inbound',
      occurred_at: null,
      from_number: text('From'),
      to_number: text('To'),
      profile_name: text('ProfileName'),
      body: text('Body') ?? (kind === 'text' ? reactionOf(fields) : null),
      status: ours,
      error_code: text('ErrorCode'),
      media: media.length > 0 ? media : null,
      quoted_message_id: isAbout(kind) ? null : text('OriginalRepliedMessageSid'),
      button_text: text('ButtonText') ?? text('ListTitle'),
      button_payload: text('ButtonPayload') ?? text('ListId'),
      location,
      template: text('ContentSid'),
      segments: countOf(text('NumSegments')),
      cost_minor: null,
      cost_currency: null,
      kind,
      target_message_id: isAbout(kind) ? target : null,
      reaction: kind === 'reaction' ? (reactionOf(fields) ?? text('Body') ?? '') : null,
      send_id: sendId !== null && isUuid(sendId) ? sendId : null,
      extra: extraOf(fields, media.length, location !== null),
      word,
      contact,
    },
  };
}

function isStatus(fields: FormFields): boolean {
  if (first(fields, 'MessageStatus')) return true;
  const word = first(fields, 'SmsStatus');
  return word !== null && !/^receiv/i.test(word);
}

/**
 * Twilio documents neither reactions nor edits: whatever says that it is one is one, where it names the message that it is
 * about. Where it names none it is shown as what was written.
 */
function kindOf(
  fields: FormFields,
  media: readonly MessageMedia[],
  location: SharedLocation | null,
  target: string | null,
): string {
  const type = (first(fields, 'MessageType') ?? '').toLowerCase();
  if (target !== null && (type === 'reaction' || reactionOf(fields) !== null)) return 'reaction';
  if (target !== null && (/^edit/.test(type) || first(fields, 'EditedMessageSid') !== null)) return 'edit';
  const button = ['ButtonText', 'ButtonPayload', 'ListTitle', 'ListId'];
  if (button.some((name) => first(fields, name) !== null)) return 'button';
  if (location) return 'location';
  if (/^contacts?$/.test(type) || media.some(({ content_type }) => /\bx?-?vcard\b/i.test(content_type ?? '')))
    return 'contact';
  if (media.length > 0) return 'media';
  const isWritten = first(fields, 'Body') !== null || reactionOf(fields) !== null;
  return isWritten || type === 'text' ? 'text' : 'unsupported';
}

/** Whether a kind says something of another message. */
function isAbout(kind: string | null): boolean {
  return kind === 'reaction' || kind === 'edit';
}

function reactionOf(fields: FormFields): string | null {
  return firstOf(fields, /^(?:Message)?Reaction(?:Emoji|Text|Body)?$/i) ?? firstOf(fields, /^Emoji$/i);
}

const targets = ['ReactionMessageSid', 'EditedMessageSid', 'OriginalMessageSid', 'OriginalRepliedMessageSid'];

/** The message that another is about: by a name that is known, else by one that can mean nothing else. */
function targetOf(fields: FormFields, own: string): string | null {
  const found =
    targets.map((name) => first(fields, name)).find((value) => value !== null) ??
    firstOf(fields, /^(?:Reaction|Reacted|Edit|Original|Parent|Target).*Sid$/i);
  return found !== null && found !== own ? found : null;
}

/** The first value that is there of the fields with such a name. */
function firstOf(fields: FormFields, name: RegExp): string | null {
  for (const key of fields.keys()) {
    const value = name.test(key) ? first(fields, key) : null;
    if (value !== null) return value;
  }
  return null;
}

function readMedia(fields: FormFields, errors: ProblemError[]): MessageMedia[] {
  let told = countOf(first(fields, 'NumMedia')) ?? 0;
  // What is there is taken, whatever is said of it.
  while (first(fields, `MediaUrl${told}`) !== null) told += 1;
  const media: MessageMedia[] = [];
  for (let index = 0; index < Math.min(told, 100); index += 1) {
    const url = first(fields, `MediaUrl${index}`);
    if (url === null || !URL.canParse(url))
      errors.push(fault(`MediaUrl${index}`, 'is no address', 'Send as many as NumMedia says.'));
    else
      media.push({
        index,
        url,
        content_type: first(fields, `MediaContentType${index}`),
        file_name: null,
        size_bytes: null,
      });
  }
  return media;
}

/** What is no place on earth stays in `extra`. */
function readLocation(fields: FormFields): SharedLocation | null {
  const latitude = Number(first(fields, 'Latitude') ?? Number.NaN);
  const longitude = Number(first(fields, 'Longitude') ?? Number.NaN);
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return null;
  return { latitude, longitude, label: first(fields, 'Label'), address: first(fields, 'Address') };
}

function extraOf(fields: FormFields, media: number, located: boolean): string | null {
  const extra = [...fields].flatMap(([name, values]) => {
    const placed = /^Media(?:Url|ContentType)(\d+)$/.exec(name);
    if (placed ? Number(placed[1]) < media : known.has(name) && values.length === 1) {
      if (located || !/^(?:Latitude|Longitude|Address|Label)$/.test(name)) {
        const isNewWord = name.endsWith('Status') && readTwilioStatus(values[0] ?? '') === null;
        if (!isNewWord) return [];
      }
    }
    const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [[pointer, values.length === 1 ? values[0] : values] as const];
  });
  return extra.length > 0 ? JSON.stringify(Object.fromEntries(extra)) : null;
}

/** Missing and empty are null. */
function first(fields: FormFields, name: string): string | null {
  return fields.get(name)?.[0] || null;
}

function countOf(text: string | null): number | null {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : null;
}

function fault(location: string, message: string, fix: string): ProblemError {
  return { location, message, fix };
}
