import type { Queryable } from '../pool.ts';

export interface MessageMediaRow {
  position: number;
  state: string;
  content_type: string | null;
  size_bytes: number | null;
}

/** What analysis says is to be masked; null: it has not seen the text yet. */
export type Redactions = { start: number; end: number; kind: string }[] | null;

export interface MessageRow {
  id: string;
  direction: string;
  sender_kind: string;
  sender_id: string | null;
  sender_name: string | null;
  kind: string;
  body: string | null;
  template: string | null;
  status: string | null;
  status_at: Date | null;
  error_code: string | null;
  sent_at: Date;
  edited_at: Date | null;
  language: string | null;
  intent: string | null;
  sentiment: string | null;
  entered_in_error: boolean;
  redactions: Redactions;
  quoted: { id: string; direction: string; kind: string; body: string | null; redactions: Redactions } | null;
  media: MessageMediaRow[];
  reactions: { id: string; direction: string; emoji: string; sent_at: string }[];
  /** When it was sent, to the microsecond: a place in the thread. */
  place: string;
}

export interface Place {
  at: string;
  id: string;
}

/** Messages next to a place in the thread, which is not among them; without one the newest. */
export interface ThreadPage {
  toward: 'older' | 'newer';
  from?: Place;
  limit: number;
}

/** Messages of a conversation of the open transaction's tenant, beginning with the one next to the place. */
export async function readThread(
  db: Queryable,
  tenantId: string,
  conversationId: string,
  { toward, from, limit }: ThreadPage,
): Promise<MessageRow[]> {
  const [compare, order] = toward === 'older' ? ['<', 'DESC'] : ['>', 'ASC'];
  const { rows } = await db.query<MessageRow>(
    `${messageSql} AND (m.sent_at, m.id) ${compare} ($3::timestamptz, $4::uuid)
       AND m.kind <> 'reaction' ORDER BY m.sent_at ${order}, m.id ${order} LIMIT $5`,
    [tenantId, conversationId, from?.at ?? 'infinity', from?.id ?? greatestId, limit],
  );
  return rows;
}

/** One message of the conversation. */
export async function readMessage(
  db: Queryable,
  tenantId: string,
  conversationId: string,
  messageId: string,
): Promise<MessageRow | undefined> {
  const { rows } = await db.query<MessageRow>(`${messageSql} AND m.id = $3`, [
    tenantId,
    conversationId,
    messageId,
  ]);
  return rows[0];
}

const greatestId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const redactionsOf = (alias: string) =>
  `CASE WHEN ${alias}.extractor_version IS NOT NULL THEN ${alias}.redactions END`;

/** A reaction names what it is to as an answer names what it quotes; of each party's the last one counts. */
const messageSql = `
SELECT m.id, m.direction, m.sender_kind, m.sender_id, u.display_name AS sender_name, m.kind, m.body, m.template, m.status,
  m.status_at, m.error_code, m.sent_at, m.edited_at, m.language, m.intent, m.sentiment, m.entered_in_error,
  ${redactionsOf('m')} AS redactions, m.sent_at::text AS place,
  (SELECT jsonb_build_object('id', q.id, 'direction', q.direction, 'kind', q.kind, 'body', q.body,
     'redactions', ${redactionsOf('q')})
   FROM conversation_messages q
   WHERE q.tenant_id = $1 AND q.id = m.quoted_message_id AND q.conversation_id = $2) AS quoted,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('position', x.position, 'state', x.state, 'content_type',
     coalesce(f.content_type, x.content_type), 'size_bytes', coalesce(f.size_bytes, x.size_bytes)) ORDER BY x.position), '[]')
   FROM message_media x LEFT JOIN stored_files f ON f.tenant_id = $1 AND f.id = x.file_id
   WHERE x.tenant_id = $1 AND x.message_id = m.id) AS media,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'direction', r.direction, 'emoji', r.body, 'sent_at', r.sent_at)
     ORDER BY r.sent_at), '[]')
   FROM (SELECT DISTINCT ON (r.direction, r.sender_id) r.id, r.direction, r.body, r.sent_at
     FROM conversation_messages r
     WHERE r.tenant_id = $1 AND r.conversation_id = $2 AND r.kind = 'reaction' AND r.quoted_message_id = m.id
       AND NOT r.entered_in_error
     ORDER BY r.direction, r.sender_id, r.sent_at DESC, r.id DESC) r
   WHERE coalesce(r.body, '') <> '') AS reactions
FROM conversation_messages m
LEFT JOIN users u ON u.tenant_id = $1 AND u.id = m.sender_id AND m.sender_kind = 'user'
WHERE m.tenant_id = $1 AND m.conversation_id = $2`;
