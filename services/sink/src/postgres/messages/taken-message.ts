import type { InboxChange } from '@switchboard/postgres/messaging/notify';

/** What a messaging event changed. */
export interface TakenMessage {
  messages: readonly string[];
  conversations: readonly string[];
  /** E.164, where the conversation may be somebody else's now. */
  phone: string | null;
  told: readonly Omit<InboxChange, 'tenantId'>[];
}

export const nothingTaken: TakenMessage = { messages: [], conversations: [], phone: null, told: [] };
