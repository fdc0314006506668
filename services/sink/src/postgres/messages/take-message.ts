import { uuidV7 } from '@switchboard/domain/ids';
import { optWordOf } from '@switchboard/domain/messaging/opt-words';
import type { Client } from '@switchboard/postgres';
import {
  addMedia,
  linkWaiting,
  noteContact,
  settleOptOut,
  settleResults,
} from '@switchboard/postgres/messaging/contact-conversations';
import { messagesBySid } from '@switchboard/postgres/messaging/known-messages';
import { findMessage, loadTold, type ToldMessage } from '@switchboard/postgres/messaging/told-messages';
import {
  countUnread,
  findConversations,
  upsertMessageConversations,
  upsertMessages,
} from '@switchboard/postgres/records/messages';
import type { Row } from '@switchboard/postgres/rows';
import type { MessageEnriched, MessageReceived } from '@switchboard/schemas';
import { addMessage, chooseConversation } from '../records/choose-conversations.ts';
import type { TakenMessage } from './taken-message.ts';

const nothing: TakenMessage = { messages: [], conversationId: null, phone: null, told: [] };

/** Takes a message into the conversation of its channel and contact, with what was told of it before it came. */
export async function takeMessage(
  client: Client,
  tenantId: string,
  enriched: MessageEnriched,
  reopenDays: number,
  now: () => number,
): Promise<TakenMessage> {
  const { event, contact_phone: phone } = enriched;
  const { source, message_id: externalId } = event;
  const known = await findMessage(client, tenantId, { source, externalId, sendId: event.send_id });
  // What we sent ourselves is there already.
  if (known) return nothing;
  const inbound = event.direction === 'inbound';
  const sentAt = event.occurred_at ?? event.received_at;
  const id = uuidV7(now());
  const conversation = await placeIn(client, tenantId, event, phone, sentAt, reopenDays, now);
  const conversationId = String(conversation.id);
  await upsertMessageConversations(client, [{ ...conversation, version: Number(conversation.version) + 1 }]);
  const about = event.quoted_message_id ?? event.target_message_id;
  const quoted = about === null ? undefined : (await messagesBySid(client, tenantId, [about])).get(about);
  const told = await loadTold(client, tenantId, source, externalId);
  const opt = inbound ? optWordOf(event.body, optOutTypeOf(event)) : null;
  await upsertMessages(client, [
    {
      ...rowOf(enriched, told, sentAt),
      tenant_id: tenantId,
      id,
      conversation_id: conversationId,
      quoted_message_id: quoted?.id ?? null,
      extra: extraOf(event, about, opt),
    },
  ]);
  await addMedia(client, tenantId, id, event.media ?? []);
  const linked = await linkWaiting(client, tenantId, conversationId, { id, externalId });
  const isSaid = inbound && event.kind !== 'reaction';
  await countUnread(client, tenantId, [conversationId], isSaid ? [id] : []);
  await noteContact(client, tenantId, conversationId, {
    contactName: inbound ? event.profile_name : null,
    clinicPhone: inbound ? enriched.clinic_phone : null,
  });
  if (phone !== null && opt !== null) await settleOptOut(client, tenantId, event.channel, phone);
  if (inbound) await settleResults(client, tenantId, conversationId);
  return {
    messages: [id, ...linked],
    conversationId,
    phone,
    told: [
      { kind: 'message', messageId: id },
      ...(opt === null ? [] : [{ kind: 'state' as const, messageId: null }]),
    ],
  };
}

/** The contact's conversation that a message of this time belongs to, as it becomes by it; a new one where there is none. */
async function placeIn(
  client: Client,
  tenantId: string,
  event: MessageReceived,
  phone: string | null,
  sentAt: number,
  reopenDays: number,
  now: () => number,
): Promise<Row> {
  const { channel } = event;
  // An address that is no number has a conversation by its name.
  const name = { source: event.source, externalId: `of ${channel} ${event.contact_key}` };
  const found = await findConversations(
    client,
    tenantId,
    phone === null ? [name] : [],
    phone === null ? [] : [{ channel, phone }],
  );
  const direction = event.direction === 'inbound' ? 'inbound' : 'outbound';
  const chosen = chooseConversation(found, sentAt, reopenDays) ?? begin();
  return addMessage(chosen, { direction, sentAt, phone });

  function begin(): Row {
    const at = new Date(sentAt).toISOString();
    return {
      tenant_id: tenantId,
      id: uuidV7(now()),
      channel,
      state: 'pending',
      contact_phone: phone,
      last_inbound_at: null,
      last_message_at: at,
      began_at: at,
      resolved_at: null,
      reopened: 0,
      unread: 0,
      labels: [],
      source: phone === null ? name.source : null,
      external_id: phone === null ? name.externalId : null,
      merge_state: {},
      version: 0,
    };
  }
}

function rowOf({ event, ...enriched }: MessageEnriched, told: ToldMessage, sentAt: number): Row {
  const { analysis } = enriched;
  const inbound = event.direction === 'inbound';
  const at = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  const said =
    event.kind === 'reaction' ? (event.reaction ?? '') : (event.body ?? event.button_text ?? placeOf(event));
  return {
    direction: inbound ? 'inbound' : 'outbound',
    sender_kind: inbound ? 'patient' : 'system',
    kind: event.kind ?? 'text',
    body: told.edit ? told.edit.body : said,
    template: event.template,
    status: told.status?.status ?? event.status ?? (inbound ? 'received' : 'sent'),
    status_at: at(told.status?.at ?? sentAt),
    error_code: told.status ? told.status.errorCode : event.error_code,
    sent_at: at(sentAt),
    edited_at: at(told.edit?.at),
    language: enriched.language,
    intent: analysis?.intent ?? null,
    intent_confidence: analysis?.intent_confidence ?? null,
    sentiment: analysis?.sentiment ?? null,
    sentiment_score: analysis?.sentiment_score ?? null,
    entities: analysis?.entities ?? [],
    redactions: (analysis?.redactions ?? []).map(({ start, end, kind }) => ({ start, end, kind })),
    extractor_version: enriched.extractor_version,
    source: event.source,
    external_id: event.message_id,
    entered_in_error: false,
    merge_state: {},
  };
}

function placeOf({ location }: MessageReceived): string | null {
  return location ? [location.label, location.address].filter(Boolean).join(', ') || null : null;
}

function extraOf(event: MessageReceived, about: string | null, opt: 'out' | 'in' | null): Row {
  return {
    ...(about !== null && { quoted: about }),
    ...(opt !== null && { opt }),
    ...(event.location && { location: event.location }),
    ...(event.button_payload !== null && { button_payload: event.button_payload }),
    ...(event.extra !== null && { unknown: event.extra }),
  };
}

/** What Twilio makes of the text, in a field that our schema does not know. */
function optOutTypeOf({ extra }: MessageReceived): string | null {
  if (extra === null) return null;
  const told: unknown = Reflect.get(Object(JSON.parse(extra)), '/OptOutType');
  return typeof told === 'string' ? told : null;
}
