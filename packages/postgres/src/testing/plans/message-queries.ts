import { type IndexQuery, sink } from './index-query.ts';

/** Of what waits: answers for what they are to, files to be fetched, messages to be sent. */
export const ofMessages: readonly IndexQuery[] = [
  sink(
    'conversation_messages_waiting',
    `SELECT id FROM conversation_messages WHERE source = 'twilio' AND quoted_message_id IS NULL AND extra ? 'quoted' AND extra ->> 'quoted' = 'SM1'`,
  ),
  sink(
    'message_media_pending',
    `SELECT message_id FROM message_media WHERE state = 'pending' AND next_attempt_at <= now() ORDER BY next_attempt_at LIMIT 10`,
  ),
  sink(
    'message_media_expiry',
    `SELECT message_id FROM message_media WHERE state = 'stored' AND expires_at <= '2026-01-01 02:00Z'`,
  ),
  sink(
    'message_sends_due',
    `SELECT message_id FROM message_sends WHERE state IN ('queued', 'sending') AND next_attempt_at <= now() ORDER BY next_attempt_at LIMIT 10`,
  ),
  sink(
    'message_sends_conversation',
    'SELECT message_id FROM message_sends WHERE conversation_id = $id ORDER BY created_at',
  ),
  sink(
    'message_sends_unsettled',
    `SELECT message_id FROM message_sends WHERE state IN ('sending', 'unknown') AND asked_at >= '2026-01-01Z'`,
  ),
];
