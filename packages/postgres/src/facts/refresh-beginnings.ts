import type { Queryable } from '../pool.ts';

/** Writes when these conversations began, as far as it is known by now: with their call, or their first message. */
export async function refreshBeginnings(
  client: Queryable,
  tenantId: string,
  conversationIds: readonly string[],
): Promise<void> {
  if (conversationIds.length === 0) return;
  await client.query(
    `UPDATE conversations k SET began_at = b.began_at
     FROM (
       SELECT c.id, CASE WHEN c.channel = 'voice'
         THEN (SELECT min(v.began_at) FROM voice_calls v WHERE v.tenant_id = $1 AND v.conversation_id = c.id)
         ELSE (SELECT m.sent_at FROM conversation_messages m
           WHERE m.tenant_id = $1 AND m.conversation_id = c.id AND NOT m.entered_in_error
           ORDER BY m.sent_at, m.id LIMIT 1) END AS began_at
       FROM conversations c WHERE c.tenant_id = $1 AND c.id = ANY ($2::uuid[])) b
     WHERE k.tenant_id = $1 AND k.id = b.id AND k.began_at IS DISTINCT FROM b.began_at`,
    [tenantId, conversationIds],
  );
}
