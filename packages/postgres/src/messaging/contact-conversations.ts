import { conversationResults, type MessageResult } from '@switchboard/domain/messaging/conversation-results';
import type { Queryable } from '../pool.ts';

/** Notes under which name the other party writes, and which number of the clinic it wrote to last. */
export async function noteContact(
  client: Queryable,
  tenantId: string,
  conversationId: string,
  { contactName, clinicPhone }: { contactName: string | null; clinicPhone: string | null },
): Promise<void> {
  await client.query(
    `UPDATE conversations SET contact_name = coalesce($3::text, contact_name), clinic_phone = coalesce($4::text, clinic_phone)
     WHERE tenant_id = $1 AND id = $2
       AND (contact_name, clinic_phone) IS DISTINCT FROM (coalesce($3, contact_name), coalesce($4, clinic_phone))`,
    [tenantId, conversationId, contactName, clinicPhone],
  );
}

/**
 * Whether a contact may be written to, by the last of its messages that says so: it holds for all of the contact's
 * conversations on the channel.
 */
export async function settleOptOut(
  client: Queryable,
  tenantId: string,
  channel: string,
  phone: string,
): Promise<void> {
  await client.query(
    `WITH own AS (
       SELECT id FROM conversations WHERE tenant_id = $1 AND channel = $2 AND contact_phone = $3
     ), last AS (
       SELECT m.extra ->> 'opt' AS opt, m.sent_at FROM own
       JOIN conversation_messages m ON m.tenant_id = $1 AND m.conversation_id = own.id
       WHERE m.direction = 'inbound' AND m.extra ? 'opt' ORDER BY m.sent_at DESC, m.id DESC LIMIT 1
     )
     UPDATE conversations c SET opted_out_at = CASE last.opt WHEN 'out' THEN last.sent_at END
     FROM last WHERE c.tenant_id = $1 AND c.id IN (SELECT id FROM own)
       AND c.opted_out_at IS DISTINCT FROM CASE last.opt WHEN 'out' THEN last.sent_at END`,
    [tenantId, channel, phone],
  );
}

/** What a conversation was found to say, anew from its messages. */
export async function settleResults(
  client: Queryable,
  tenantId: string,
  conversationId: string,
): Promise<void> {
  const { rows } = await client.query<Omit<MessageResult, 'sentAt'> & { sent_at: Date }>(
    `SELECT id, sent_at, language, intent, sentiment, sentiment_score AS "sentimentScore" FROM conversation_messages
     WHERE tenant_id = $1 AND conversation_id = $2 AND direction = 'inbound' AND NOT entered_in_error
     ORDER BY sent_at DESC, id DESC LIMIT 50`,
    [tenantId, conversationId],
  );
  const found = conversationResults(
    rows.map(({ sent_at, ...row }) => ({ ...row, sentAt: sent_at.getTime() })),
  );
  await client.query(
    `UPDATE conversations SET language = $3, intent = $4, sentiment = $5, sentiment_score = $6
     WHERE tenant_id = $1 AND id = $2 AND (language, intent, sentiment, sentiment_score) IS DISTINCT FROM ($3::text, $4::text, $5::text, $6::float8)`,
    [tenantId, conversationId, found.language, found.intent, found.sentiment, found.sentimentScore],
  );
}

/** Answers and reactions that came before what they are to, now that it is there. @returns their ids */
export async function linkWaiting(
  client: Queryable,
  tenantId: string,
  conversationId: string,
  message: { id: string; externalId: string },
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `UPDATE conversation_messages SET quoted_message_id = $3
     WHERE tenant_id = $1 AND conversation_id = $2 AND quoted_message_id IS NULL AND extra ->> 'quoted' = $4 RETURNING id`,
    [tenantId, conversationId, message.id, message.externalId],
  );
  return rows.map(({ id }) => id);
}

/** Writes what hangs on a message, for the jobs to fetch. */
export async function addMedia(
  client: Queryable,
  tenantId: string,
  messageId: string,
  media: readonly { index: number; url: string; content_type: string | null }[],
): Promise<void> {
  if (media.length === 0) return;
  await client.query(
    `INSERT INTO message_media (tenant_id, message_id, position, source_url, content_type)
     SELECT $1, $2, * FROM unnest($3::int[], $4::text[], $5::text[]) ON CONFLICT DO NOTHING`,
    [
      tenantId,
      messageId,
      media.map(({ index }) => index),
      media.map(({ url }) => url),
      media.map(({ content_type }) => content_type),
    ],
  );
}
