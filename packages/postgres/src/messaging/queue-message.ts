import { type StateContext, stateTouched } from '../facts/state-touched.ts';
import { type Client, lockTenant } from '../pool.ts';
import { lastHeardOf } from './contact-conversations.ts';
import { notifyInbox } from './notify.ts';

export interface NewMessage {
  /** UUIDv7. */
  id: string;
  conversationId: string;
  senderKind: 'user' | 'assistant';
  senderId: string | null;
  body: string | null;
  template: string | null;
  templateVariables: Record<string, string>;
  quotedMessageId: string | null;
  /** A stored file that goes with it. */
  fileId: string | null;
  at: Date;
}

export type QueueOutcome =
  | 'queued'
  | 'opted_out'
  | 'outside_window'
  | 'no_address'
  | 'whatsapp_only'
  | 'file_unknown';

/** For so long after the other's last message WhatsApp takes free text. */
export const windowMs = 24 * 60 * 60 * 1000;

/**
 * Writes a message that is to go out, with its facts, and tells the inbox; under the tenant's lock.
 * @returns 'queued', or why not: then nothing is written
 */
export async function queueMessage(
  client: Client,
  context: StateContext,
  message: NewMessage,
): Promise<QueueOutcome> {
  const { tenantId } = context.tenant;
  await lockTenant(client, tenantId);
  const { rows } = await client.query<{
    channel: string;
    contact_phone: string | null;
    opted_out_at: Date | null;
    heard_at: Date | null;
  }>(
    `SELECT k.channel, k.contact_phone, k.opted_out_at, ${lastHeardOf('k')} AS heard_at FROM conversations k
     WHERE k.tenant_id = $1 AND k.id = $2 FOR UPDATE OF k`,
    [tenantId, message.conversationId],
  );
  const conversation = rows[0];
  if (!conversation?.contact_phone || conversation.channel === 'voice') return 'no_address';
  if (conversation.channel !== 'whatsapp') return 'whatsapp_only';
  if (conversation.opted_out_at) return 'opted_out';
  const asked = conversation.heard_at?.getTime() ?? Number.NEGATIVE_INFINITY;
  if (message.template === null && message.at.getTime() - asked >= windowMs) return 'outside_window';
  if (message.fileId !== null && !(await holdFile(client, tenantId, message.fileId))) return 'file_unknown';
  await client.query(
    `WITH m AS (
       INSERT INTO conversation_messages (tenant_id, id, conversation_id, direction, sender_kind, sender_id, kind, body,
         template, quoted_message_id, status, status_at, sent_at, source)
       VALUES ($1, $2, $3, 'outbound', $4, $5, $10, $6, $7, $8, 'queued', $9, $9, 'switchboard')),
     k AS (
       UPDATE conversations SET last_message_at = greatest(last_message_at, $9), unread = 0
       WHERE tenant_id = $1 AND id = $3)
     SELECT 1`,
    [
      tenantId,
      message.id,
      message.conversationId,
      message.senderKind,
      message.senderId,
      message.body,
      message.template,
      message.quotedMessageId,
      message.at,
      message.fileId === null ? 'text' : 'media',
    ],
  );
  if (message.fileId !== null)
    await client.query(
      `INSERT INTO message_media (tenant_id, message_id, position, state, file_id, content_type, size_bytes, expires_at)
       SELECT $1, $2, 0, 'stored', f.id, f.content_type, f.size_bytes,
         $4::timestamptz + make_interval(days => (t.retention_days ->> 'media')::int)
       FROM stored_files f JOIN tenants t ON t.id = f.tenant_id WHERE f.tenant_id = $1 AND f.id = $3`,
      [tenantId, message.id, message.fileId, message.at],
    );
  // They go out in the order in which they had the lock, not in which their transactions began.
  await client.query(
    `INSERT INTO message_sends (tenant_id, message_id, conversation_id, template_variables, created_at)
     VALUES ($1, $2, $3, $4, clock_timestamp())`,
    [tenantId, message.id, message.conversationId, JSON.stringify(message.templateVariables)],
  );
  const touched = { conversations: [message.conversationId], messages: [message.id] };
  await stateTouched(client, context, touched);
  const { id: messageId, conversationId } = message;
  await notifyInbox(client, [{ tenantId, conversationId, kind: 'message', messageId }]);
  return 'queued';
}

/** Whether a file is stored; it stays until the transaction ends. */
async function holdFile(client: Client, tenantId: string, fileId: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT FROM stored_files WHERE tenant_id = $1 AND id = $2 AND state = 'stored' AND variant = 'original' FOR KEY SHARE`,
    [tenantId, fileId],
  );
  return rows.length === 1;
}
