import type { InboxChange } from '@switchboard/postgres/messaging/notify';

/** What a messaging event changed. */
export interface TakenMessage {
  messages: string[];
  conversationId: string | null;
  /** E.164, where the conversation may be somebody else's now. */
  phone: string | null;
  told: Pick<InboxChange, 'kind' | 'messageId'>[];
}
