import { randomUUID } from 'node:crypto';

type Insert = (table: string, columns: string, ...values: unknown[]) => Promise<unknown>;

/** Rows of one clinic's messages. */
export async function seedMessages(
  insert: Insert,
  { conversation, message, starts }: { conversation: string; message: string; starts: string },
): Promise<void> {
  await insert(
    'conversation_messages',
    'id, conversation_id, direction, sender_kind, body, sent_at, source',
    message,
    conversation,
    'inbound',
    'patient',
    'marker',
    starts,
    'twilio',
  );
  await insert('message_media', 'message_id, position', message, 0);
  await insert('message_sends', 'message_id, conversation_id', message, conversation);
  await insert('sender_paces', 'number', '+912240001234');
  await insert('vendor_listings', 'vendor, listed_until', 'twilio', starts);
  await insert('conversation_notes', 'id, conversation_id, body', randomUUID(), conversation, 'N');
  await insert('message_requests', 'user_id, key, message_id, digest', message, 'K', message, Buffer.of(1));
  await insert(
    'reply_suggestions',
    'id, conversation_id, message_id, body, generator_version',
    randomUUID(),
    conversation,
    message,
    'B',
    '1',
  );
  await insert('told_messages', 'source, external_id, status', 'twilio', 'SM1', 'read');
}
