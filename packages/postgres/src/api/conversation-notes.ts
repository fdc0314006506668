import type { Queryable } from '../pool.ts';
import type { Place } from './conversation-thread.ts';

export interface NoteRow {
  id: string;
  author_id: string | null;
  author_name: string | null;
  body: string;
  created_at: Date;
  /** `created_at` to the microsecond. */
  place: string;
}

export interface NoteSpan {
  /** Only those written then or later, and before; RFC 3339 or as Postgres writes it. */
  from?: string;
  before?: string;
  /** What was shown last. */
  after?: Place;
  limit: number;
}

/** What staff noted of a conversation of the open transaction's tenant, newest first. */
export async function listNotes(
  db: Queryable,
  tenantId: string,
  conversationId: string,
  { from = '-infinity', before = 'infinity', after, limit }: NoteSpan,
): Promise<NoteRow[]> {
  const { rows } = await db.query<NoteRow>(
    `${noteSql} WHERE n.tenant_id = $1 AND n.conversation_id = $2 AND n.created_at >= $3::timestamptz
       AND n.created_at < $4::timestamptz AND (n.created_at, n.id) < ($5::timestamptz, $6::uuid)
     ORDER BY n.created_at DESC, n.id DESC LIMIT $7`,
    [
      tenantId,
      conversationId,
      from,
      before,
      after?.at ?? 'infinity',
      after?.id ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff',
      limit,
    ],
  );
  return rows;
}

/** Writes a note. @returns it as it is listed */
export async function addNote(
  db: Queryable,
  tenantId: string,
  note: { id: string; conversationId: string; authorId: string; body: string; at: Date },
): Promise<NoteRow> {
  await db.query(
    `INSERT INTO conversation_notes (tenant_id, id, conversation_id, author_id, body, created_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [tenantId, note.id, note.conversationId, note.authorId, note.body, note.at],
  );
  const { rows } = await db.query<NoteRow>(`${noteSql} WHERE n.tenant_id = $1 AND n.id = $2`, [
    tenantId,
    note.id,
  ]);
  const [row] = rows;
  if (!row) throw new Error('a note that was written can be read');
  return row;
}

const noteSql = `SELECT n.id, n.author_id, u.display_name AS author_name, n.body, n.created_at, n.created_at::text AS place
  FROM conversation_notes n LEFT JOIN users u ON u.tenant_id = n.tenant_id AND u.id = n.author_id`;
