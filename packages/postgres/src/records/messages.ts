import type { Queryable } from '../pool.ts';
import { createUpsert, type Row } from '../rows.ts';

/** Writes whole messages by id, after their conversations. */
export const upsertMessages = createUpsert(
  'conversation_messages',
  ['tenant_id', 'id'],
  [
    'conversation_id',
    'direction',
    'sender_kind',
    'sender_id',
    'kind',
    'body',
    'template',
    'quoted_message_id',
    'status',
    'status_at',
    'error_code',
    'sent_at',
    'edited_at',
    'language',
    'intent',
    'intent_confidence',
    'sentiment',
    'sentiment_score',
    'entities',
    'redactions',
    'extractor_version',
    'source',
    'external_id',
    'entered_in_error',
    'merge_state',
    'extra',
  ],
);

/** Writes conversations by message by id; what staff and analysis say of them stays. */
export const upsertMessageConversations = createUpsert(
  'conversations',
  ['tenant_id', 'id'],
  [
    'channel',
    'state',
    'patient_id',
    'original_patient_id',
    'contact_phone',
    'last_inbound_at',
    'last_message_at',
    'resolved_at',
    'snoozed_until',
    'reopened',
    'unread',
    'labels',
    'source',
    'external_id',
    'merge_state',
    'version',
  ],
);

/** Conversations by message that these names or numbers have, oldest first, as JSON. */
export async function findConversations(
  client: Queryable,
  tenantId: string,
  named: readonly { source: string; externalId: string }[],
  contacts: readonly { channel: string; phone: string }[],
): Promise<Row[]> {
  if (named.length + contacts.length === 0) return [];
  const { rows } = await client.query<{ row: Row }>(
    `SELECT r.row FROM unnest($2::text[], $3::text[]) AS n (source, external_id)
     CROSS JOIN LATERAL (SELECT to_jsonb(c) AS row, c.created_at FROM conversations c
       WHERE c.tenant_id = $1 AND c.source = n.source AND c.external_id = n.external_id LIMIT 1) r
     UNION ALL
     (SELECT to_jsonb(c) FROM unnest($4::text[], $5::text[]) AS k (channel, phone)
      JOIN conversations c ON c.tenant_id = $1 AND c.channel = k.channel AND c.contact_phone = k.phone AND c.external_id IS NULL
      ORDER BY coalesce(c.began_at, c.created_at), c.id)`,
    [
      tenantId,
      named.map(({ source }) => source),
      named.map(({ externalId }) => externalId),
      contacts.map(({ channel }) => channel),
      contacts.map(({ phone }) => phone),
    ],
  );
  return rows.map(({ row }) => row);
}

/** Counts messages in that came now and nobody has answered yet; what was read before stays read. */
export async function countUnread(
  client: Queryable,
  tenantId: string,
  conversationIds: readonly string[],
  newMessageIds: readonly string[],
): Promise<void> {
  if (conversationIds.length === 0) return;
  await client.query(
    `UPDATE conversations c SET unread = n.unread
     FROM (
       SELECT k.id, least(k.unread + count(m.id) FILTER (WHERE m.id = ANY ($3::uuid[])), count(m.id)) AS unread
       FROM conversations k
       CROSS JOIN LATERAL (SELECT coalesce((
         SELECT o.sent_at FROM conversation_messages o
         WHERE o.tenant_id = $1 AND o.conversation_id = k.id AND o.direction = 'outbound'
         ORDER BY o.sent_at DESC LIMIT 1), '-infinity') AS answered_at) a
       LEFT JOIN conversation_messages m ON m.tenant_id = $1 AND m.conversation_id = k.id AND m.direction = 'inbound'
         AND m.sent_at > a.answered_at
       WHERE k.tenant_id = $1 AND k.id = ANY ($2::uuid[])
       GROUP BY k.id, k.unread) n
     WHERE c.tenant_id = $1 AND c.id = n.id AND c.unread <> n.unread`,
    [tenantId, conversationIds, newMessageIds],
  );
}

/** Conversations by message with these numbers whose messages name no patient. */
export async function loadUnnamed(
  client: Queryable,
  tenantId: string,
  phones: readonly string[],
): Promise<{ id: string; phone: string; patientId: string | null }[]> {
  if (phones.length === 0) return [];
  const { rows } = await client.query<{ id: string; phone: string; patientId: string | null }>(
    `SELECT id, contact_phone AS phone, patient_id AS "patientId" FROM conversations
     WHERE tenant_id = $1 AND channel IN ('whatsapp', 'sms') AND contact_phone = ANY ($2::text[])
       AND jsonb_array_length(coalesce(merge_state -> 'patients', '[]')) = 0`,
    [tenantId, phones],
  );
  return rows;
}

/** Gives conversations their patients. */
export async function linkConversations(
  client: Queryable,
  tenantId: string,
  links: readonly { id: string; patientId: string | null }[],
): Promise<void> {
  if (links.length === 0) return;
  await client.query(
    `UPDATE conversations c SET patient_id = n.patient_id, original_patient_id = n.patient_id, version = c.version + 1
     FROM unnest($2::uuid[], $3::uuid[]) AS n (id, patient_id) WHERE c.tenant_id = $1 AND c.id = n.id`,
    [tenantId, links.map(({ id }) => id), links.map(({ patientId }) => patientId)],
  );
}
