import type { ToldStatus } from '@switchboard/domain/messaging/message-status';
import type { Queryable } from '../pool.ts';

/** What was told of a message besides itself. */
export interface ToldMessage {
  status: ToldStatus | null;
  edit: { body: string | null; at: number; id: string } | null;
}

/** What was told of a vendor's message so far; both null: nothing. */
export async function loadTold(
  client: Queryable,
  tenantId: string,
  source: string,
  externalId: string,
): Promise<ToldMessage> {
  const { rows } = await client.query<{
    status: string | null;
    status_at: Date | null;
    error_code: string | null;
    body: string | null;
    edited_at: Date | null;
    edit_id: string | null;
  }>(
    `SELECT status, status_at, error_code, body, edited_at, edit_id FROM told_messages
     WHERE tenant_id = $1 AND source = $2 AND external_id = $3`,
    [tenantId, source, externalId],
  );
  const row = rows[0];
  return {
    status: row?.status
      ? { status: row.status, at: row.status_at?.getTime() ?? 0, errorCode: row.error_code }
      : null,
    edit: row?.edit_id ? { body: row.body, at: row.edited_at?.getTime() ?? 0, id: row.edit_id } : null,
  };
}

/** Keeps what is told of a vendor's message, in the place of what was kept before. */
export async function keepTold(
  client: Queryable,
  tenantId: string,
  source: string,
  externalId: string,
  { status, edit }: ToldMessage,
): Promise<void> {
  const at = (ms: number | undefined) => (ms === undefined ? null : new Date(ms));
  await client.query(
    `INSERT INTO told_messages (tenant_id, source, external_id, status, status_at, error_code, body, edited_at, edit_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (tenant_id, source, external_id) DO UPDATE SET status = excluded.status, status_at = excluded.status_at,
       error_code = excluded.error_code, body = excluded.body, edited_at = excluded.edited_at, edit_id = excluded.edit_id`,
    [
      tenantId,
      source,
      externalId,
      status?.status ?? null,
      at(status?.at),
      status?.errorCode ?? null,
      edit?.body ?? null,
      at(edit?.at),
      edit?.id ?? null,
    ],
  );
}

/** A message that events speak of. */
export interface SpokenOf {
  id: string;
  conversationId: string;
  status: ToldStatus | null;
}

/** The message with the vendor's id, or, where the vendor's id is not known yet, the one that we sent under ours. */
export async function findMessage(
  client: Queryable,
  tenantId: string,
  { source, externalId, sendId }: { source: string; externalId: string; sendId: string | null },
): Promise<SpokenOf | undefined> {
  const { rows } = await client.query<{
    id: string;
    conversation_id: string;
    status: string | null;
    status_at: Date | null;
    error_code: string | null;
  }>(
    `SELECT id, conversation_id, status, status_at, error_code FROM conversation_messages
     WHERE tenant_id = $1 AND source = $2 AND external_id = $3
     UNION ALL
     SELECT id, conversation_id, status, status_at, error_code FROM conversation_messages
     WHERE tenant_id = $1 AND id = $4::uuid AND direction = 'outbound' AND external_id IS NULL
     LIMIT 1`,
    [tenantId, source, externalId, sendId],
  );
  const row = rows[0];
  if (!row) return undefined;
  const { status, status_at: at, error_code: errorCode } = row;
  return {
    id: row.id,
    conversationId: row.conversation_id,
    status: status === null ? null : { status, at: at?.getTime() ?? 0, errorCode },
  };
}

/** Says how far a message got, and gives it the vendor's id where it had none. @returns whether that changed anything */
export async function setStatus(
  client: Queryable,
  tenantId: string,
  messageId: string,
  { status, at, errorCode }: ToldStatus,
  vendor: { source: string; externalId: string },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE conversation_messages SET status = $3, status_at = $4, error_code = $5,
       source = CASE WHEN external_id IS NULL THEN $6 ELSE source END, external_id = coalesce(external_id, $7)
     WHERE tenant_id = $1 AND id = $2
       AND (status, status_at, error_code, coalesce(external_id, '')) IS DISTINCT FROM ($3::text, $4::timestamptz, $5::text, coalesce(external_id, $7::text))`,
    [tenantId, messageId, status, new Date(at), errorCode, vendor.source, vendor.externalId],
  );
  return (rowCount ?? 0) > 0;
}

/** Says how a message reads after its edit. */
export async function setEdited(
  client: Queryable,
  tenantId: string,
  messageId: string,
  { body, at }: { body: string | null; at: number },
): Promise<void> {
  await client.query(
    'UPDATE conversation_messages SET body = $3, edited_at = $4 WHERE tenant_id = $1 AND id = $2',
    [tenantId, messageId, body, new Date(at)],
  );
}
