import type { RecordState } from '@switchboard/domain/records/record-state';
import type { Queryable } from '../pool.ts';

/** A message that the clinic's system told, and of which an older release may have noted too little. */
export interface UnnotedMessage {
  id: string;
  /** It notes whom it names. */
  named: boolean;
  /** It counts as sent by a system. */
  bySystem: boolean;
  numbering: string;
  externalId: string;
  state: RecordState;
}

/** Where a page of the messages that the clinic's system told ended. */
export interface ToldPlace {
  numbering: string;
  externalId: string;
}

/**
 * Goes through the messages that the clinic's system told, some at a time, for those without a note of whom they name, and for
 * those out without a template that count as sent by a system.
 */
export async function findUnnoted(
  client: Queryable,
  tenantId: string,
  after: ToldPlace | null,
  most: number,
): Promise<{ messages: UnnotedMessage[]; next: ToldPlace | null }> {
  const { rows } = await client.query<Omit<UnnotedMessage, 'state'> & { state: RecordState | null }>(
    `SELECT s.numbering, s.external_id AS "externalId", s.entity_id AS id, m.merge_state ? 'patient' AS named,
       m.sender_kind = 'system' AS "bySystem",
       CASE WHEN NOT m.merge_state ? 'patient' OR (m.sender_kind = 'system' AND m.template IS NULL) THEN s.state END AS state
     FROM (SELECT * FROM record_states WHERE tenant_id = $1 AND kind = 'message' AND (numbering, external_id) > ($2, $3)
       ORDER BY numbering, external_id LIMIT $4) s
     LEFT JOIN conversation_messages m ON m.tenant_id = $1 AND m.id = s.entity_id
     ORDER BY s.numbering, s.external_id`,
    [tenantId, after?.numbering ?? '', after?.externalId ?? '', most],
  );
  const last = rows.at(-1);
  return {
    messages: rows.flatMap(({ state, ...row }) => (state === null ? [] : [{ ...row, state }])),
    next: last && rows.length === most ? { numbering: last.numbering, externalId: last.externalId } : null,
  };
}

/** Notes that people sent these messages. */
export async function noteTyped(
  client: Queryable,
  tenantId: string,
  messageIds: readonly string[],
): Promise<void> {
  if (messageIds.length === 0) return;
  await client.query(
    `UPDATE conversation_messages SET sender_kind = 'user'
     WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND direction = 'outbound' AND sender_kind = 'system'`,
    [tenantId, messageIds],
  );
}

/**
 * Notes whom messages name, and with their conversations whom all of their messages name.
 * @returns conversations that did not note one of these patients
 */
export async function noteNamed(
  client: Queryable,
  tenantId: string,
  named: readonly { messageId: string; patientId: string }[],
): Promise<string[]> {
  if (named.length === 0) return [];
  const { rows } = await client.query<{ id: string }>(
    `WITH noted AS (
       UPDATE conversation_messages m SET merge_state = m.merge_state || jsonb_build_object('patient', n.patient_id)
       FROM unnest($2::uuid[], $3::uuid[]) AS n (message_id, patient_id)
       WHERE m.tenant_id = $1 AND m.id = n.message_id RETURNING m.conversation_id, n.patient_id
     ), named AS (
       SELECT c.id, (SELECT jsonb_agg(DISTINCT p ORDER BY p) FROM (
         SELECT jsonb_array_elements_text(coalesce(c.merge_state -> 'patients', '[]')) AS p
         UNION SELECT n.patient_id::text FROM noted n WHERE n.conversation_id = c.id) a) AS patients
       FROM conversations c WHERE c.tenant_id = $1 AND c.id IN (SELECT conversation_id FROM noted)
     )
     UPDATE conversations c SET merge_state = c.merge_state || jsonb_build_object('patients', n.patients), version = c.version + 1
     FROM named n WHERE c.tenant_id = $1 AND c.id = n.id AND c.merge_state -> 'patients' IS DISTINCT FROM n.patients RETURNING c.id`,
    [tenantId, named.map(({ messageId }) => messageId), named.map(({ patientId }) => patientId)],
  );
  return rows.map(({ id }) => id);
}
