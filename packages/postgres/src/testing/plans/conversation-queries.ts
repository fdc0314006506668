import { api, type IndexQuery, sink } from './index-query.ts';

/** Of the inbox: conversations, their messages and what belongs to them. */
export const ofConversations: readonly IndexQuery[] = [
  api(
    'conversations_inbox',
    `SELECT id FROM conversations WHERE state = 'open' ORDER BY last_message_at DESC, id LIMIT 50`,
  ),
  api(
    'conversations_activity',
    `SELECT id FROM conversations ORDER BY coalesce(last_message_at, began_at, created_at) DESC, id DESC LIMIT 50`,
  ),
  api(
    'conversations_unread',
    `SELECT id FROM conversations WHERE unread > 0 ORDER BY coalesce(last_message_at, began_at, created_at) DESC, id DESC LIMIT 50`,
  ),
  api(
    'conversation_messages_reactions',
    `SELECT id FROM conversation_messages WHERE conversation_id = $id AND kind = 'reaction' AND quoted_message_id = $id`,
  ),
  api(
    'conversation_notes_thread',
    'SELECT id FROM conversation_notes WHERE conversation_id = $id ORDER BY created_at DESC, id DESC LIMIT 50',
  ),
  api('conversation_notes_author', 'SELECT id FROM conversation_notes WHERE author_id = $id'),
  api('message_requests_message', 'SELECT key FROM message_requests WHERE message_id = $id'),
  api(
    'conversations_assignee_index',
    `SELECT id FROM conversations WHERE assignee_id = $id AND state = 'open'`,
  ),
  sink(
    'conversations_contact',
    `SELECT id FROM conversations WHERE channel = 'whatsapp' AND contact_phone = $phone`,
  ),
  sink(
    'conversations_external',
    `SELECT id FROM conversations WHERE source = 'emr' AND external_id = 'x-17'`,
  ),
  sink(
    'conversations_patient_begun',
    'SELECT id FROM conversations WHERE patient_id = $id ORDER BY CASE WHEN began_at IS NULL THEN created_at ELSE began_at END, id LIMIT 1',
  ),
  sink(
    'conversations_patient_channel',
    `SELECT id FROM conversations WHERE patient_id = $id AND channel = 'sms'
     AND CASE WHEN began_at IS NULL THEN created_at ELSE began_at END < now() LIMIT 1`,
  ),
  sink(
    'conversations_of_several',
    `SELECT id FROM conversations WHERE jsonb_array_length(coalesce(merge_state -> 'patients', '[]')) > 1`,
  ),
  api('conversations_original_patient', 'SELECT id FROM conversations WHERE original_patient_id = $id'),
  api(
    'conversation_messages_thread',
    'SELECT id FROM conversation_messages WHERE conversation_id = $id ORDER BY sent_at DESC, id LIMIT 50',
  ),
  api(
    'conversation_messages_sent',
    'SELECT id FROM conversation_messages ORDER BY sent_at DESC, id LIMIT 50',
  ),
  api(
    'conversation_messages_failed',
    `SELECT id FROM conversation_messages WHERE status IN ('failed', 'undelivered', 'unknown') ORDER BY sent_at DESC LIMIT 20`,
  ),
  api(
    'reply_suggestions_conversation',
    'SELECT id FROM reply_suggestions WHERE conversation_id = $id ORDER BY created_at DESC LIMIT 3',
  ),
  api('reply_suggestions_message', 'SELECT id FROM reply_suggestions WHERE message_id = $id'),
  api('reply_suggestions_sent', 'SELECT id FROM reply_suggestions WHERE sent_message_id = $id'),
];
