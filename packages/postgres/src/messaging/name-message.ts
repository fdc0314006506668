import type { Queryable } from '../pool.ts';
import { catchUp, keepTold, type VendorMessage } from './told-messages.ts';

/**
 * Gives a message that we sent the vendor's id, and with it all that was told of that id before. Of a send that was shown as
 * unknown it is known now that the vendor has it.
 * @returns ids of what changed with it: answers and reactions that were linked, and what it turned out to be
 */
export async function nameMessage(
  client: Queryable,
  tenantId: string,
  messageId: string,
  vendor: VendorMessage,
): Promise<string[]> {
  await client.query(
    `UPDATE message_sends SET state = 'sent', error_code = NULL WHERE tenant_id = $1 AND message_id = $2 AND state = 'unknown'`,
    [tenantId, messageId],
  );
  const taken = await takeName(client, tenantId, messageId, vendor);
  return [...taken, ...(await catchUp(client, tenantId, vendor))];
}

/**
 * Gives a message the vendor's id. Where a listing has brought the same one as another message, that one never was: how far
 * it got, and the answers to it, are this one's.
 * @returns ids of such messages
 */
export async function takeName(
  client: Queryable,
  tenantId: string,
  messageId: string,
  vendor: VendorMessage,
): Promise<string[]> {
  const { source, externalId } = vendor;
  const { rows } = await client.query<{
    id: string;
    status: string | null;
    status_at: Date | null;
    error_code: string | null;
  }>(
    `WITH never AS (
       UPDATE conversation_messages m SET external_id = NULL, entered_in_error = true
       WHERE m.tenant_id = $1 AND m.source = $3 AND m.external_id = $4 AND m.id <> $2
         AND NOT EXISTS (SELECT FROM message_sends s WHERE s.tenant_id = $1 AND s.message_id = m.id)
       RETURNING m.id, m.conversation_id, m.status, m.status_at, m.error_code
     ), freed AS (
       UPDATE conversation_messages a SET quoted_message_id = NULL FROM never n
       WHERE a.tenant_id = $1 AND a.conversation_id = n.conversation_id AND a.quoted_message_id = n.id)
     SELECT id, status, status_at, error_code FROM never`,
    [tenantId, messageId, source, externalId],
  );
  await client.query(
    'UPDATE conversation_messages SET source = $3, external_id = $4 WHERE tenant_id = $1 AND id = $2',
    [tenantId, messageId, source, externalId],
  );
  for (const { status, status_at: at, error_code: errorCode } of rows) {
    const told = status !== null && at ? { status, at: at.getTime(), errorCode } : null;
    if (told) await keepTold(client, tenantId, vendor, { status: told, edit: null });
  }
  return rows.map(({ id }) => id);
}
