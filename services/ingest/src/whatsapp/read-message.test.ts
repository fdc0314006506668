import { describe, expect, it } from 'vitest';
import { readForm } from './read-fields.ts';
import { clinicAddressOf, readMessage } from './read-message.ts';

const sid = 'SM00000000000000000000000000000001';
const inbound = {
  MessageSid: sid,
  SmsStatus: 'received',
  From: 'whatsapp:+919812345678',
  To: 'whatsapp:+912240001234',
  NumMedia: '0',
  NumSegments: '1',
};
const read = (fields: Record<string, string>, sendId: string | null = null) =>
  readMessage(readForm(Buffer.from(new URLSearchParams(fields).toString())), sendId);
const messageOf = (fields: Record<string, string>) => {
  const result = read({ ...inbound, ...fields });
  return result.ok ? result.message : result.errors;
};

describe('Twilio’s fields', () => {
  it.each([
    [
      { Body: 'Can I come?' },
      { kind: 'text', body: 'Can I come?', channel: 'whatsapp', direction: 'inbound' },
    ],
    [
      { Body: 'Yes', ButtonText: 'Yes', ButtonPayload: 'yes' },
      { kind: 'button', button_payload: 'yes' },
    ],
    [
      { ListId: 'a', ListTitle: 'Monday' },
      { kind: 'button', button_text: 'Monday', button_payload: 'a' },
    ],
    [
      { Body: 'ok', OriginalRepliedMessageSid: 'SM2' },
      { kind: 'text', quoted_message_id: 'SM2' },
    ],
    [
      { Latitude: '19.1', Longitude: '72.8', Label: 'Home' },
      { kind: 'location', location: { latitude: 19.1, longitude: 72.8, label: 'Home', address: null } },
    ],
    [
      { MessageType: 'reaction', ReactionEmoji: '👍', OriginalRepliedMessageSid: 'SM2' },
      { kind: 'reaction', reaction: '👍', target_message_id: 'SM2', quoted_message_id: null },
    ],
    [
      { MessageReaction: '👍', ReactedMessageSid: 'SM2', New: 'field' },
      {
        kind: 'reaction',
        reaction: '👍',
        target_message_id: 'SM2',
        extra: '{"/MessageReaction":"👍","/ReactedMessageSid":"SM2","/New":"field"}',
      },
    ],
    [
      { MessageType: 'reaction', ReactionEmoji: '👍' },
      { event_type: 'message.received', kind: 'text', body: '👍', reaction: null, target_message_id: null },
    ],
    [
      { MessageType: 'edited', Body: 'At five', OriginalMessageSid: 'SM2' },
      { event_type: 'message.edited', kind: 'edit', body: 'At five', target_message_id: 'SM2' },
    ],
    [
      { MessageType: 'edit', Body: 'At five', OriginalMessageSid: sid },
      { event_type: 'message.received', kind: 'text', body: 'At five', target_message_id: null },
    ],
    [
      { MessageType: 'hologram', Beam: 'x' },
      {
        event_type: 'message.received',
        kind: 'unsupported',
        extra: '{"/MessageType":"hologram","/Beam":"x"}',
      },
    ],
    [
      { MediaUrl0: 'https://api.twilio.com/m', MediaContentType0: 'image/jpeg' },
      { kind: 'media', media: [{ index: 0, content_type: 'image/jpeg' }], extra: null },
    ],
    [
      { NumMedia: '1', MediaUrl0: 'https://api.twilio.com/m', MediaContentType0: 'text/vcard' },
      { kind: 'contact', media: [{ index: 0, content_type: 'text/vcard' }] },
    ],
    [{ From: '+919812345678', Body: 'x' }, { channel: 'sms' }],
    [{ Body: 'x', New: 'field' }, { extra: '{"/New":"field"}' }],
  ])('%j', (fields, expected) => {
    expect(messageOf(fields)).toMatchObject(expected);
  });

  it('lose their NUL characters, which no table can hold, and nothing else', () => {
    const fields = {
      Body: 'Can\0 I come?\0',
      ProfileName: '\0Asha',
      'New\0': 'fi\0eld',
      SmsStatus: 'received\0',
    };
    expect(messageOf(fields)).toMatchObject({
      event_type: 'message.received',
      body: 'Can I come?',
      profile_name: 'Asha',
      extra: '{"/New":"field"}',
    });
  });

  it('of a status are about what the clinic sent', () => {
    const sendId = '0190f3c1-5c0a-7d1e-9a55-3f6f1c2d4e5f';
    const fields = { ...inbound, SmsStatus: 'failed', MessageStatus: 'failed', ErrorCode: '63016' };
    expect(read({ ...fields, From: inbound.To, To: inbound.From }, sendId)).toMatchObject({
      ok: true,
      message: {
        event_type: 'message.status',
        direction: 'outbound',
        status: 'failed',
        error_code: '63016',
        send_id: sendId,
        contact: inbound.From,
        kind: null,
      },
    });
    expect(
      clinicAddressOf(
        new Map([
          ['MessageStatus', ['sent']],
          ['From', ['whatsapp:+1']],
        ]),
      ),
    ).toBe('whatsapp:+1');
  });

  it('a new word for a status loses no event', () => {
    expect(messageOf({ MessageStatus: 'pondered' })).toMatchObject({
      status: null,
      extra: '{"/MessageStatus":"pondered"}',
    });
  });

  it('that are missing or wrong are named, and never repeated', () => {
    const errors = messageOf({ MessageSid: '', NumMedia: '1', From: 'messenger:Priya' });
    expect(errors).toMatchObject([
      { location: 'MessageSid' },
      { location: 'From' },
      { location: 'MediaUrl0' },
    ]);
    expect(JSON.stringify(errors)).not.toContain('Priya');
  });
});
