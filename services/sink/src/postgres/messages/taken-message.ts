import { together } from '@switchboard/postgres';
import {
  settleContacts,
  settleOptOut,
  settleResults,
} from '@switchboard/postgres/messaging/contact-conversations';
import type { InboxChange } from '@switchboard/postgres/messaging/notify';
import type { Queryable } from '@switchboard/postgres/pool';
import { countUnread } from '@switchboard/postgres/records/messages';

/** What a messaging event changed. */
export interface TakenMessage {
  messages: readonly string[];
  conversations: readonly string[];
  /** E.164, where the conversation may be somebody else's now. */
  phone: string | null;
  told: readonly Omit<InboxChange, 'tenantId'>[];
  unsettled: Unsettled;
}

/** What is to be found anew from a conversation's messages, once all events of a transaction are taken. */
export interface Unsettled {
  /** The conversation, and the message where it is one that waits to be read. */
  unread?: { conversationId: string; messageId: string | null };
  /** The conversation whose other party wrote. */
  contact?: string;
  /** The conversation of which something else may be found to be said. */
  results?: string;
  /** Who may want no more messages, or messages again. */
  opt?: { channel: string; phone: string };
}

export const nothingTaken: TakenMessage = {
  messages: [],
  conversations: [],
  phone: null,
  told: [],
  unsettled: {},
};

/**
 * Finds anew what follows from all messages of conversations, by what these read like now.
 * @returns what to tell the inbox of it
 */
export async function settleTaken(
  client: Queryable,
  tenantId: string,
  taken: readonly TakenMessage[],
): Promise<TakenMessage['told']> {
  const unsettled = taken.map((one) => one.unsettled);
  const unread = unsettled.flatMap((one) => one.unread ?? []);
  const opts = new Map(unsettled.flatMap(({ opt }) => (opt ? [[`${opt.channel} ${opt.phone}`, opt]] : [])));
  const distinct = (ids: readonly string[]) => [...new Set(ids)];
  const [, , , opted] = await together(
    countUnread(
      client,
      tenantId,
      distinct(unread.map(({ conversationId }) => conversationId)),
      unread.flatMap(({ messageId }) => messageId ?? []),
    ),
    settleContacts(client, tenantId, distinct(unsettled.flatMap(({ contact }) => contact ?? []))),
    settleResults(client, tenantId, distinct(unsettled.flatMap(({ results }) => results ?? []))),
    together(
      ...[...opts.values()].map(({ channel, phone }) => settleOptOut(client, tenantId, channel, phone)),
    ),
  );
  return opted.flat().map((conversationId) => ({ conversationId, kind: 'state', messageId: null }));
}
