import type { InboxChange } from '@switchboard/postgres/messaging/notify';

/** What a listener is told: a change, or that changes were missed and the inbox is to be read again. */
export type ConversationEvent =
  | { kind: 'reread' }
  | { kind: InboxChange['kind']; conversation_id: string; message_id: string | null };

export interface ConversationFeed {
  /** @returns how to leave */
  listen(tenantId: string, tell: (event: ConversationEvent) => void): () => void;
  /** @param change null: some may have been missed, of any clinic */
  changed(change: InboxChange | null): void;
}

/** Passes changes of conversations on to those who listen to their clinic, at once. */
export function createConversationFeed(): ConversationFeed {
  const listeners = new Map<string, Set<(event: ConversationEvent) => void>>();
  return {
    listen(tenantId, tell) {
      const ofTenant = listeners.get(tenantId) ?? new Set();
      listeners.set(tenantId, ofTenant);
      // Two listeners are two, even if they do the same.
      const own = (event: ConversationEvent) => tell(event);
      ofTenant.add(own);
      return () => {
        ofTenant.delete(own);
        if (ofTenant.size === 0 && listeners.get(tenantId) === ofTenant) listeners.delete(tenantId);
      };
    },
    changed(change) {
      if (change === null) {
        for (const ofTenant of listeners.values()) for (const tell of ofTenant) tell({ kind: 'reread' });
        return;
      }
      const { tenantId, conversationId, kind, messageId } = change;
      const event = { kind, conversation_id: conversationId, message_id: messageId };
      for (const tell of listeners.get(tenantId) ?? []) tell(event);
    },
  };
}
