/** What one message of the other party was found to say. Times are Unix ms. */
export interface MessageResult {
  id: string;
  sentAt: number;
  language: string | null;
  intent: string | null;
  sentiment: string | null;
  /** From -1 to 1. */
  sentimentScore: number | null;
}

export interface ConversationResults {
  language: string | null;
  intent: string | null;
  sentiment: string | null;
  sentimentScore: number | null;
}

/**
 * What a conversation was found to say: of language, intent and sentiment what was said last, since that is what is to be
 * answered; of several at one time that of the greatest id. The same for any order of the messages.
 */
export function conversationResults(messages: readonly MessageResult[]): ConversationResults {
  const newest = messages.toSorted(
    (left, right) => right.sentAt - left.sentAt || (left.id < right.id ? 1 : -1),
  );
  const mood = newest.find(({ sentiment }) => sentiment !== null);
  return {
    language: newest.find(({ language }) => language !== null)?.language ?? null,
    intent: newest.find(({ intent }) => intent !== null && intent !== 'other')?.intent ?? null,
    sentiment: mood?.sentiment ?? null,
    sentimentScore: mood?.sentimentScore ?? null,
  };
}
