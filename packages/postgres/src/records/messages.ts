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

/** Counts messages in that came now and nobody has answered yet, reactions left out; what was read before stays read. */
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
         AND m.kind <> 'reaction' AND m.sent_at > a.answered_at
       WHERE k.tenant_id = $1 AND k.id = ANY ($2::uuid[])
       GROUP BY k.id, k.unread) n
     WHERE c.tenant_id = $1 AND c.id = n.id AND c.unread <> n.unread`,
    [tenantId, conversationIds, newMessageIds],
  );
}

/**
 * Takes from conversations the patients that none of their messages names any more, since a message was corrected; and
 * whose they are by that, unless a person decided it.
 * @returns conversations that changed
 */
export async function forgetNamed(
  client: Queryable,
  tenantId: string,
  named: readonly { conversationId: string; patientId: string }[],
): Promise<string[]> {
  if (named.length === 0) return [];
  const { rows } = await client.query<{ id: string }>(
    `WITH gone AS (
       SELECT n.conversation_id, n.patient_id FROM unnest($2::uuid[], $3::uuid[]) AS n (conversation_id, patient_id)
       WHERE NOT EXISTS (SELECT FROM conversation_messages m WHERE m.tenant_id = $1 AND m.conversation_id = n.conversation_id
         AND m.merge_state ->> 'patient' = n.patient_id::text)
     ), kept AS (
       SELECT c.id, ARRAY(SELECT p::uuid FROM jsonb_array_elements_text(c.merge_state -> 'patients') p
         WHERE p::uuid NOT IN (SELECT g.patient_id FROM gone g WHERE g.conversation_id = c.id) ORDER BY p) AS patients
       FROM conversations c WHERE c.tenant_id = $1 AND c.id IN (SELECT conversation_id FROM gone)
         AND jsonb_typeof(c.merge_state -> 'patients') = 'array'
     ), whose AS (
       SELECT k.id, k.patients, (SELECT array_agg(DISTINCT coalesce(p.merged_into, p.id)) FROM patients p
           WHERE p.tenant_id = $1 AND p.id = ANY (k.patients)) AS roots,
         EXISTS (SELECT FROM match_decisions d WHERE d.tenant_id = $1 AND d.entity_kind = 'conversation'
           AND d.entity_id = k.id AND d.decided_by IS NOT NULL) AS decided
       FROM kept k
     )
     UPDATE conversations c SET merge_state = jsonb_build_object('patients', to_jsonb(w.patients)), version = c.version + 1,
       patient_id = CASE WHEN w.decided THEN c.patient_id WHEN cardinality(w.roots) = 1 THEN w.roots[1] END,
       original_patient_id = CASE WHEN w.decided THEN c.original_patient_id WHEN cardinality(w.roots) = 1 THEN w.patients[1] END
     FROM whose w WHERE c.tenant_id = $1 AND c.id = w.id RETURNING c.id`,
    [tenantId, named.map(({ conversationId }) => conversationId), named.map(({ patientId }) => patientId)],
  );
  return rows.map(({ id }) => id);
}

/** When the last message of conversations was sent, and the last one in, after a message was corrected. */
export async function refreshTimes(
  client: Queryable,
  tenantId: string,
  conversationIds: readonly string[],
): Promise<void> {
  if (conversationIds.length === 0) return;
  await client.query(
    `UPDATE conversations c SET last_message_at = coalesce(n.last_at, c.last_message_at), last_inbound_at = n.last_inbound_at
     FROM (SELECT k.id, max(m.sent_at) AS last_at, max(m.sent_at) FILTER (WHERE m.direction = 'inbound') AS last_inbound_at
       FROM unnest($2::uuid[]) AS k (id)
       LEFT JOIN conversation_messages m ON m.tenant_id = $1 AND m.conversation_id = k.id AND NOT m.entered_in_error
       GROUP BY k.id) n
     WHERE c.tenant_id = $1 AND c.id = n.id
       AND (c.last_message_at, c.last_inbound_at) IS DISTINCT FROM (coalesce(n.last_at, c.last_message_at), n.last_inbound_at)`,
    [tenantId, conversationIds],
  );
}

/** A conversation by message whose messages name no patient. */
interface UnnamedConversation {
  id: string;
  /** E.164. */
  phone: string;
  /** As the other party calls itself. */
  name: string | null;
  patientId: string | null;
}

/** Conversations by message with these numbers whose messages name no patient. */
export async function loadUnnamed(
  client: Queryable,
  tenantId: string,
  phones: readonly string[],
): Promise<UnnamedConversation[]> {
  if (phones.length === 0) return [];
  const { rows } = await client.query<UnnamedConversation>(
    `SELECT id, contact_phone AS phone, contact_name AS name, patient_id AS "patientId" FROM conversations
     WHERE tenant_id = $1 AND channel IN ('whatsapp', 'sms') AND contact_phone = ANY ($2::text[])
       AND jsonb_array_length(coalesce(merge_state -> 'patients', '[]')) = 0`,
    [tenantId, phones],
  );
  return rows;
}

/**
 * Gives conversations their patients. Where the number is that of one who was merged into the patient, the link is that
 * one's, so that an unmerge gives it back.
 */
export async function linkConversations(
  client: Queryable,
  tenantId: string,
  links: readonly { id: string; patientId: string | null }[],
): Promise<void> {
  if (links.length === 0) return;
  await client.query(
    `UPDATE conversations c SET patient_id = n.patient_id, version = c.version + 1, original_patient_id = coalesce((
       SELECT i.patient_id FROM patient_identifiers i JOIN patients p ON p.tenant_id = $1 AND p.id = i.patient_id
       WHERE i.tenant_id = $1 AND i.kind = 'phone' AND i.value = c.contact_phone
         AND n.patient_id IN (p.id, p.merged_into)
       ORDER BY p.id = n.patient_id DESC, p.id LIMIT 1), n.patient_id)
     FROM unnest($2::uuid[], $3::uuid[]) AS n (id, patient_id) WHERE c.tenant_id = $1 AND c.id = n.id`,
    [tenantId, links.map(({ id }) => id), links.map(({ patientId }) => patientId)],
  );
}
