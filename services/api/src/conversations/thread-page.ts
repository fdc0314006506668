import type { Client } from '@switchboard/postgres';
import { listNotes, type NoteRow } from '@switchboard/postgres/api/conversation-notes';
import { type MessageRow, readMessage, readThread } from '@switchboard/postgres/api/conversation-thread';
import { toCursor } from '../paging/cursor.ts';
import type { ThreadQuery } from './conversation-query.ts';

export interface ThreadPageRows {
  /** In the order of the thread. */
  messages: MessageRow[];
  /** Written between them, in order; at the thread's ends also before and after. */
  notes: NoteRow[];
  olderCursor: string | null;
  newerCursor: string | null;
}

const mostNotes = 200;

/** @returns undefined when the message asked for is not in the conversation */
export async function readThreadPage(
  client: Client,
  tenantId: string,
  conversationId: string,
  query: ThreadQuery,
): Promise<ThreadPageRows | undefined> {
  const page = await readMessages(client, tenantId, conversationId, query);
  if (!page) return undefined;
  const { messages, hasOlder, hasNewer } = page;
  const [first, last] = [messages.at(0), messages.at(-1)];
  const notes = await listNotes(client, tenantId, conversationId, {
    from: hasOlder ? (first?.place ?? query.cursor?.at) : undefined,
    before: hasNewer ? page.nextPlace : undefined,
    limit: mostNotes,
  });
  return {
    messages,
    notes: notes.reverse(),
    olderCursor: hasOlder && first ? toCursor({ toward: 'older', at: first.place, id: first.id }) : null,
    newerCursor: hasNewer && last ? toCursor({ toward: 'newer', at: last.place, id: last.id }) : null,
  };
}

interface Messages {
  messages: MessageRow[];
  hasOlder: boolean;
  hasNewer: boolean;
  /** Of the message after the last one. */
  nextPlace?: string;
}

/** One message more than is shown, at either end that was read, tells whether there are others. */
async function readMessages(
  client: Client,
  tenantId: string,
  conversationId: string,
  { around, limit, cursor }: ThreadQuery,
): Promise<Messages | undefined> {
  const read = (toward: 'older' | 'newer', count: number, from?: { at: string; id: string }) =>
    readThread(client, tenantId, conversationId, { toward, from, limit: count });
  if (around !== undefined) {
    const middle = await readMessage(client, tenantId, conversationId, around);
    if (!middle) return undefined;
    const from = { at: middle.place, id: middle.id };
    const olderCount = Math.floor((limit - 1) / 2);
    const newerCount = limit - 1 - olderCount;
    const older = await read('older', olderCount + 1, from);
    const newer = await read('newer', newerCount + 1, from);
    return {
      messages: [...older.slice(0, olderCount).reverse(), middle, ...newer.slice(0, newerCount)],
      hasOlder: older.length > olderCount,
      hasNewer: newer.length > newerCount,
      nextPlace: newer[newerCount]?.place,
    };
  }
  if (cursor?.toward === 'newer') {
    const newer = await read('newer', limit + 1, cursor);
    return {
      messages: newer.slice(0, limit),
      hasOlder: true,
      hasNewer: newer.length > limit,
      nextPlace: newer[limit]?.place,
    };
  }
  const older = await read('older', limit + 1, cursor);
  return {
    messages: older.slice(0, limit).reverse(),
    hasOlder: older.length > limit,
    hasNewer: cursor !== undefined,
    nextPlace: cursor?.at,
  };
}
