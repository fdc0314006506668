import { uuidV7 } from '@switchboard/domain/ids';
import { type Client, together } from '@switchboard/postgres';
import { addMedia } from '@switchboard/postgres/messaging/contact-conversations';
import {
  catchUp,
  findMessage,
  type SpokenOf,
  setFurther,
  setSaid,
} from '@switchboard/postgres/messaging/told-messages';
import {
  findConversations,
  upsertMessageConversations,
  upsertMessages,
} from '@switchboard/postgres/records/messages';
import { loadRows } from '@switchboard/postgres/records/record-states';
import type { Row } from '@switchboard/postgres/rows';
import type { MessageEnriched, MessageReceived } from '@switchboard/schemas';
import { addMessage, beginConversation, chooseConversation } from '../records/choose-conversations.ts';
import { aboutOf, extraOf, messageColumns, optOf, saidOf } from './message-columns.ts';
import { nothingTaken, type TakenMessage } from './taken-message.ts';

const dayMs = 86_400_000;

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
  const about = aboutOf(event);
  // A message is a few short statements under the clinic's lock: what needs no other's answer goes out with it.
  const [known, quoted, found] = await together(
    findMessage(client, tenantId, { source, externalId, sendId: event.send_id }),
    about === null
      ? Promise.resolve(undefined)
      : findMessage(client, tenantId, { source, externalId: about, sendId: null }),
    findOfContact(client, tenantId, event, phone),
  );
  if (known) return takeAgain(client, tenantId, enriched, known);
  const inbound = event.direction === 'inbound';
  const sentAt = event.occurred_at ?? event.received_at;
  const id = uuidV7(now());
  // A reaction stands at its message, wherever that is, and asks for nothing: like what goes out it opens no conversation.
  const isSaid = inbound && event.kind !== 'reaction';
  const target = event.kind === 'reaction' ? quoted?.conversationId : undefined;
  const { isNew, row } =
    target === undefined
      ? placeIn(tenantId, event, found, { phone, sentAt, isSaid }, reopenDays, now)
      : await placeAt(client, tenantId, target, { phone, sentAt, isSaid });
  const conversationId = String(row.id);
  const [, , , linked] = await together(
    upsertMessageConversations(client, [{ ...row, version: Number(row.version) + 1 }]),
    upsertMessages(client, [
      {
        ...messageColumns(enriched, sentAt),
        tenant_id: tenantId,
        id,
        conversation_id: conversationId,
        quoted_message_id: quoted?.id ?? null,
        extra: extraOf(enriched),
      },
    ]),
    addMedia(client, tenantId, id, event.media ?? []),
    catchUp(client, tenantId, { source, externalId }),
  );
  const asks = isNew || optOf(event) !== null;
  return {
    messages: [id, ...linked],
    conversations: [conversationId],
    phone,
    told: [{ conversationId, kind: 'message', messageId: id }],
    unsettled: {
      unread: { conversationId, messageId: isSaid ? id : null },
      ...(inbound && { contact: conversationId, results: conversationId }),
      ...(phone !== null && asks && { opt: { channel: event.channel, phone } }),
    },
  };
}

/**
 * Takes a message that is there: one that we sent, of which a listing says how far it got; or one that came in, read anew by
 * other rules. An edit that was read stands.
 */
async function takeAgain(
  client: Client,
  tenantId: string,
  enriched: MessageEnriched,
  known: SpokenOf,
): Promise<TakenMessage> {
  const { event } = enriched;
  const { id, conversationId } = known;
  const taken = { ...nothingTaken, messages: [id], conversations: [conversationId] };
  if (event.direction === 'inbound') {
    if (known.edit) return nothingTaken;
    await setSaid(client, tenantId, id, saidOf(enriched), null);
    return { ...taken, unsettled: { results: conversationId } };
  }
  if (event.status === null) return nothingTaken;
  const told = {
    status: event.status,
    at: event.occurred_at ?? event.received_at,
    errorCode: event.error_code,
  };
  if (!(await setFurther(client, tenantId, known, told))) return nothingTaken;
  return { ...taken, told: [{ conversationId, kind: 'status', messageId: id }] };
}

/** What of a message its conversation goes by. Times are Unix ms. */
interface Place {
  phone: string | null;
  sentAt: number;
  /** The other party said something. */
  isSaid: boolean;
}

async function placeAt(
  client: Client,
  tenantId: string,
  conversationId: string,
  place: Place,
): Promise<{ isNew: boolean; row: Row }> {
  const row = (await loadRows(client, tenantId, 'conversations', [conversationId])).get(conversationId);
  if (!row) throw new Error('a message has its conversation');
  return { isNew: false, row: placed(row, place) };
}

function placed(row: Row, { isSaid, ...place }: Place): Row {
  return addMessage(row, { ...place, direction: isSaid ? 'inbound' : 'outbound' });
}

/** An address that is no number has a conversation by its name. */
function nameOf(event: MessageReceived): { source: string; externalId: string } {
  return { source: event.source, externalId: `of ${event.channel} ${event.contact_key}` };
}

function findOfContact(client: Client, tenantId: string, event: MessageReceived, phone: string | null) {
  const { channel } = event;
  return phone === null
    ? findConversations(client, tenantId, [nameOf(event)], [])
    : findConversations(client, tenantId, [], [{ channel, phone }]);
}

/** The last one, where the clinic wrote in it long after it was resolved, a template mostly: an answer to that belongs there. */
function lastWrittenIn(found: readonly Row[], sentAt: number, days: number): Row | undefined {
  const last = found.at(-1);
  if (typeof last?.last_message_at !== 'string') return undefined;
  return sentAt <= Date.parse(last.last_message_at) + days * dayMs ? last : undefined;
}

/** The contact's conversation that a message of this time belongs to, as it becomes by it; a new one where there is none. */
function placeIn(
  tenantId: string,
  event: MessageReceived,
  found: Awaited<ReturnType<typeof findOfContact>>,
  place: Place,
  reopenDays: number,
  now: () => number,
): { isNew: boolean; row: Row } {
  const { channel } = event;
  const { phone, sentAt } = place;
  // A name has one conversation for ever.
  const days = phone === null ? Number.POSITIVE_INFINITY : reopenDays;
  const chosen = chooseConversation(found, sentAt, days) ?? lastWrittenIn(found, sentAt, days);
  const begin = () =>
    beginConversation({
      tenantId,
      id: uuidV7(now()),
      channel,
      phone,
      sentAt,
      name: phone === null ? nameOf(event) : null,
    });
  return { isNew: !chosen, row: placed(chosen ?? begin(), place) };
}
