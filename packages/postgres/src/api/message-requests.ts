import type { Queryable } from '../pool.ts';

export interface MessageRequest {
  userId: string;
  /** As the caller chose it. */
  key: string;
  messageId: string;
  /** Keyed HMAC of what was asked for. */
  digest: Buffer;
}

/** The message that was sent by the request with this key, by the open transaction's tenant's user. */
export async function findMessageRequest(
  db: Queryable,
  tenantId: string,
  { userId, key }: Pick<MessageRequest, 'userId' | 'key'>,
): Promise<Pick<MessageRequest, 'messageId' | 'digest'> | undefined> {
  const { rows } = await db.query<{ message_id: string; digest: Buffer }>(
    'SELECT message_id, digest FROM message_requests WHERE tenant_id = $1 AND user_id = $2 AND key = $3',
    [tenantId, userId, key],
  );
  return rows[0] && { messageId: rows[0].message_id, digest: rows[0].digest };
}

/** Remembers it, in the transaction that writes the message; the caller holds the tenant's lock. */
export async function addMessageRequest(
  db: Queryable,
  tenantId: string,
  { userId, key, messageId, digest }: MessageRequest,
): Promise<void> {
  await db.query(
    'INSERT INTO message_requests (tenant_id, user_id, key, message_id, digest) VALUES ($1, $2, $3, $4, $5)',
    [tenantId, userId, key, messageId, digest],
  );
}
