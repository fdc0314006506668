import { conversationResults, type MessageResult } from '@switchboard/domain/messaging/conversation-results';
import type { Queryable } from '../pool.ts';

/**
 * Under which name the other parties write, and which number of the clinic they wrote to, by the last of their messages that
 * says so.
 */
export async function settleContacts(
  client: Queryable,
  tenantId: string,
  conversationIds: readonly string[],
): Promise<void> {
  if (conversationIds.length === 0) return;
  const last = (name: string) => `(SELECT m.extra ->> '${name}' FROM conversation_messages m
    WHERE m.tenant_id = $1 AND m.conversation_id = k.id AND m.direction = 'inbound' AND m.extra ? '${name}'
    ORDER BY m.sent_at DESC, m.external_id DESC LIMIT 1)`;
  await client.query(
    `UPDATE conversations c SET contact_name = coalesce(n.name, c.contact_name), clinic_phone = coalesce(n.phone, c.clinic_phone)
     FROM (SELECT k.id, ${last('profile')} AS name, ${last('clinic')} AS phone FROM unnest($2::uuid[]) AS k (id)) n
     WHERE c.tenant_id = $1 AND c.id = n.id
       AND (c.contact_name, c.clinic_phone) IS DISTINCT FROM (coalesce(n.name, c.contact_name), coalesce(n.phone, c.clinic_phone))`,
    [tenantId, conversationIds],
  );
}

/** SQL: whether a conversation is of the same contact as another, both of one tenant. */
export const ofSameContact = (one: string, other: string) =>
  `(${one}.channel = ${other}.channel AND (${one}.id = ${other}.id OR ${one}.contact_phone = ${other}.contact_phone))`;

/** SQL: when the contact of a conversation last wrote, in whichever of its conversations: that opens WhatsApp's window. */
export const lastHeardOf = (conversation: string) =>
  `greatest(${conversation}.last_inbound_at, (SELECT max(o.last_inbound_at) FROM conversations o
    WHERE o.tenant_id = ${conversation}.tenant_id AND o.channel = ${conversation}.channel
      AND o.contact_phone = ${conversation}.contact_phone))`;

/**
 * SQL: which of some numbers of the clinic the contact of a conversation wrote to last, in whichever of its conversations: WhatsApp's
 * window is open to that one alone.
 */
export const lastWrittenTo = (conversation: string, numbers: string) =>
  `(SELECT o.clinic_phone FROM conversations o
    WHERE o.tenant_id = ${conversation}.tenant_id AND o.channel = ${conversation}.channel
      AND o.contact_phone = ${conversation}.contact_phone AND o.clinic_phone = ANY (${numbers})
    ORDER BY o.last_inbound_at DESC NULLS LAST, o.id = ${conversation}.id DESC LIMIT 1)`;

/** Twilio sends nothing to who wrote STOP, which it may have heard and we not. */
export const isOptOut = ({ errorCode }: { errorCode: string | null }): boolean => errorCode === '21610';

/** Notes that the vendor refuses to write to the contact, who told it so: it may have heard what we have not. */
export async function noteOptOut(client: Queryable, tenantId: string, conversationId: string): Promise<void> {
  await client.query(
    `UPDATE conversations o SET opted_out_at = now() FROM conversations k
     WHERE k.tenant_id = $1 AND k.id = $2 AND o.tenant_id = $1 AND ${ofSameContact('o', 'k')} AND o.opted_out_at IS NULL`,
    [tenantId, conversationId],
  );
}

/**
 * Whether a contact may be written to, by the last of its messages that says so: it holds for all of the contact's
 * conversations on the channel. Where those messages are gone, what they said stays.
 * @returns conversations that changed
 */
export async function settleOptOut(
  client: Queryable,
  tenantId: string,
  channel: string,
  phone: string,
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `WITH own AS (
       SELECT id, opted_out_at FROM conversations WHERE tenant_id = $1 AND channel = $2 AND contact_phone = $3
     ), said AS (
       SELECT m.extra ->> 'opt' AS opt, coalesce((m.extra ->> 'opt_at')::timestamptz, m.sent_at) AS at FROM own
       JOIN conversation_messages m ON m.tenant_id = $1 AND m.conversation_id = own.id
       WHERE m.direction = 'inbound' AND m.extra ? 'opt' ORDER BY 2 DESC, m.extra ->> 'opt' DESC LIMIT 1
     ), held AS (
       SELECT CASE said.opt WHEN 'out' THEN said.at WHEN 'in' THEN NULL ELSE (SELECT max(opted_out_at) FROM own) END AS at
       FROM (SELECT) one LEFT JOIN said ON true
     )
     UPDATE conversations c SET opted_out_at = held.at FROM held
     WHERE c.tenant_id = $1 AND c.id IN (SELECT id FROM own) AND c.opted_out_at IS DISTINCT FROM held.at RETURNING c.id`,
    [tenantId, channel, phone],
  );
  return rows.map(({ id }) => id);
}

/** What conversations were found to say, anew from their messages. */
export async function settleResults(
  client: Queryable,
  tenantId: string,
  conversationIds: readonly string[],
): Promise<void> {
  if (conversationIds.length === 0) return;
  const { rows } = await client.query<
    Omit<MessageResult, 'sentAt'> & { conversation_id: string; sent_at: Date }
  >(
    `SELECT k.id AS conversation_id, l.* FROM unnest($2::uuid[]) AS k (id)
     CROSS JOIN LATERAL (
       SELECT coalesce(m.external_id, m.id::text) AS id, m.sent_at, m.language, m.intent, m.sentiment,
         m.sentiment_score AS "sentimentScore"
       FROM conversation_messages m
       WHERE m.tenant_id = $1 AND m.conversation_id = k.id AND m.direction = 'inbound' AND NOT m.entered_in_error
         AND m.kind <> 'reaction'
       ORDER BY m.sent_at DESC, 1 DESC LIMIT 50) l`,
    [tenantId, conversationIds],
  );
  const byConversation = Map.groupBy(rows, ({ conversation_id: id }) => id);
  const found = conversationIds.map((id) =>
    conversationResults(
      (byConversation.get(id) ?? []).map(({ sent_at, ...row }) => ({ ...row, sentAt: sent_at.getTime() })),
    ),
  );
  await client.query(
    `UPDATE conversations c SET language = n.language, intent = n.intent, sentiment = n.sentiment, sentiment_score = n.score
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::float8[]) AS n (id, language, intent, sentiment, score)
     WHERE c.tenant_id = $1 AND c.id = n.id
       AND (c.language, c.intent, c.sentiment, c.sentiment_score) IS DISTINCT FROM (n.language, n.intent, n.sentiment, n.score)`,
    [
      tenantId,
      conversationIds,
      found.map(({ language }) => language),
      found.map(({ intent }) => intent),
      found.map(({ sentiment }) => sentiment),
      found.map(({ sentimentScore }) => sentimentScore),
    ],
  );
}

/**
 * Answers and reactions that came before what they are to, now that it is there; in any of the contact's conversations.
 * @returns their ids
 */
export async function linkWaiting(
  client: Queryable,
  tenantId: string,
  conversationId: string,
  message: { id: string; source: string; externalId: string },
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `UPDATE conversation_messages m SET quoted_message_id = $3
     WHERE m.tenant_id = $1 AND m.quoted_message_id IS NULL AND m.source = $5 AND m.extra ? 'quoted' AND m.extra ->> 'quoted' = $4
       AND m.conversation_id IN (
         SELECT $2::uuid UNION SELECT o.id FROM conversations c
         JOIN conversations o ON o.tenant_id = $1 AND o.channel = c.channel AND o.contact_phone = c.contact_phone
         WHERE c.tenant_id = $1 AND c.id = $2)
     RETURNING m.id`,
    [tenantId, conversationId, message.id, message.externalId, message.source],
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
