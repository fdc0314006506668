import type { Client } from '@switchboard/postgres';
import type { ConversationFilter } from '@switchboard/postgres/api/conversation-list';
import { findMessages, findTurns, type TextHit } from '@switchboard/postgres/api/search-texts';
import type { Reader } from '../calls/present-call.ts';
import { plainWords, showHits } from '../search/find-texts.ts';
import type { ConversationHit } from './conversation-schema.ts';

export interface FoundConversations {
  /** Those to be listed. */
  found: NonNullable<ConversationFilter['found']>;
  /** Where the words are in these conversations. */
  hitsOf(conversationIds: readonly string[]): Promise<Map<string, ConversationHit[]>>;
  /** Set when the words are in more texts than are looked at; never for who sees no PHI, as it would tell that a masked word is said. */
  searchedNewest?: number;
}

/** Texts looked at. For a reader who may see some of them alone, each is masked and looked through again. */
const mostMessages = { all: 1_000, masked: 200 };
const mostCalls = 200;
const hitsEach = 3;

/**
 * Looks for words in messages and calls, and for a contact's name or number. Who sees no PHI finds by what can be read
 * after masking alone.
 */
export async function findConversations(
  client: Client,
  tenantId: string,
  q: string,
  reader: Reader,
): Promise<FoundConversations> {
  const words = reader.seesPhi ? q : plainWords(q);
  const limit = reader.seesPhi ? mostMessages.all : mostMessages.masked;
  const [messages, turns] =
    words === ''
      ? [[], []]
      : [
          await findMessages(client, tenantId, words, limit + 1),
          await findTurns(client, tenantId, words, mostCalls + 1),
        ];
  const cut = turns.length > mostCalls ? mostCalls : messages.length > limit ? limit : undefined;
  const hits = [...messages.slice(0, limit), ...turns.slice(0, mostCalls)];
  const readable = reader.seesPhi ? hits : await readableOf(client, words, hits);
  return {
    found: {
      ids: [...new Set(readable.flatMap(({ conversation_id: id }) => (id === null ? [] : [id])))],
      contact: reader.seesPhi ? q : undefined,
    },
    ...(reader.seesPhi && cut !== undefined && { searchedNewest: cut }),
    async hitsOf(conversationIds) {
      const wanted = conversationIds.flatMap((id) =>
        readable
          .filter((hit) => hit.conversation_id === id)
          .toSorted((a, b) => b.at.getTime() - a.at.getTime())
          .slice(0, hitsEach),
      );
      const shown = await showHits(client, words, wanted, reader.seesPhi, wanted.length);
      const byConversation = new Map<string, ConversationHit[]>();
      for (const { hit, snippet } of shown) {
        const id = hit.conversation_id ?? '';
        byConversation.set(id, [...(byConversation.get(id) ?? []), { ...presentHit(hit), snippet }]);
      }
      return byConversation;
    },
  };
}

async function readableOf(client: Client, words: string, hits: readonly TextHit[]): Promise<TextHit[]> {
  const shown = await showHits(client, words, hits, false, hits.length);
  return shown.map(({ hit }) => hit);
}

function presentHit(hit: TextHit): Omit<ConversationHit, 'snippet'> {
  const isTurn = hit.turn_index !== null;
  return { message_id: isTurn ? null : hit.id, turn: hit.turn_index, at: hit.at.toISOString() };
}
