import { noId } from '@switchboard/domain/facts/statement-parts';
import type { Queryable } from '../pool.ts';
import { isAnswer, isReminder, isTest } from './counted.ts';
import { contactOf } from './make-statements.ts';
import type { StateContext, ToState } from './touched.ts';

/**
 * Of messages that changed: their conversation and, where they stand and stood in it, the next answer and the reminders
 * before. @returns the conversations
 */
export async function findMessageNeighbours(
  client: Queryable,
  tenantId: string,
  found: ToState,
): Promise<string[]> {
  if (found.messages.size === 0) return [];
  const { rows } = await client.query<{ conversation_id: string; ids: string[] }>(neighbourSql, [
    tenantId,
    [...found.messages],
  ]);
  for (const { conversation_id, ids } of rows) {
    found.conversations.add(conversation_id);
    for (const id of ids) found.messages.add(id);
  }
  return rows.map((row) => row.conversation_id);
}

/** What is stated of messages of a conversation that names another patient, contact or channel than was last stated. */
export async function findMessagesOfMoved(
  client: Queryable,
  context: Pick<StateContext, 'tenant' | 'pseudonymKey'>,
  conversationIds: readonly string[],
  found: ToState,
): Promise<void> {
  if (conversationIds.length === 0) return;
  const { tenantId } = context.tenant;
  const { rows } = await client.query<HeaderRow>(headerSql, [tenantId, conversationIds]);
  const moved = rows.filter(
    (row) =>
      row.same_patient_and_channel !== true ||
      row.stated_contact !== (contactOf(context, row.contact_phone) ?? noId),
  );
  if (moved.length === 0) return;
  const messages = await client.query<{ id: string }>(
    'SELECT id FROM conversation_messages WHERE tenant_id = $1 AND conversation_id = ANY ($2::uuid[])',
    [tenantId, moved.map((row) => row.id)],
  );
  for (const { id } of messages.rows) found.messages.add(id);
}

interface HeaderRow {
  id: string;
  contact_phone: string | null;
  same_patient_and_channel: boolean | null;
  stated_contact: string | null;
}

const headerSql = `
SELECT k.id, k.contact_phone, f.statement ->> 'contact' AS stated_contact, CASE WHEN ${isTest('k')} THEN f.statement IS NULL
  ELSE f.statement ->> 'patient_id' = coalesce(k.patient_id, '${noId}')::text AND f.statement ->> 'channel' = k.channel END
  AS same_patient_and_channel
FROM conversations k
LEFT JOIN fact_current f ON f.tenant_id = $1 AND f.kind = 'conversation' AND f.entity_id = k.id AND f.basis = 'created'
WHERE k.tenant_id = $1 AND k.id = ANY ($2::uuid[]) AND k.channel <> 'voice'`;

// Statements hold milliseconds: all of one are looked at, and the first after them.
const neighbourSql = `
WITH places AS (
  SELECT conversation_id, date_trunc('milliseconds', sent_at) AS at FROM conversation_messages
  WHERE tenant_id = $1 AND id = ANY ($2::uuid[])
  UNION
  SELECT (statement ->> 'conversation_id')::uuid, (statement ->> 'occurred_at')::timestamp AT TIME ZONE 'UTC'
  FROM fact_current
  WHERE tenant_id = $1 AND kind = 'message' AND entity_id = ANY ($2::uuid[]) AND basis = 'sent' AND statement IS NOT NULL
)
SELECT p.conversation_id, array_remove(array_agg(DISTINCT n.id), NULL) AS ids
FROM places p
LEFT JOIN LATERAL (
  SELECT m.id FROM conversation_messages m
  WHERE m.tenant_id = $1 AND m.conversation_id = p.conversation_id AND m.sent_at >= p.at AND ${isAnswer('m')}
    AND m.sent_at <= coalesce((
      SELECT o.sent_at FROM conversation_messages o
      WHERE o.tenant_id = $1 AND o.conversation_id = p.conversation_id AND o.sent_at >= p.at + interval '1 millisecond'
        AND ${isAnswer('o')}
      ORDER BY o.sent_at LIMIT 1), p.at + interval '1 millisecond')
  UNION ALL
  SELECT m.id FROM conversation_messages m
  WHERE m.tenant_id = $1 AND m.conversation_id = p.conversation_id AND ${isReminder('m')}
    AND m.sent_at <= p.at AND m.sent_at >= p.at - interval '48 hours') n ON true
GROUP BY p.conversation_id`;
