import type { Queryable } from '../pool.ts';

/**
 * Conversations whose messages name several patients are somebody's while all of those are one person: after a merge they
 * may have become one, after an unmerge they are several again. What a person decided stands.
 *
 * @param members patients whose merges changed
 * @returns conversations that are somebody else's now
 */
export async function settleConversations(
  client: Queryable,
  tenantId: string,
  members: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `WITH named AS (
       SELECT c.id, c.patient_id, (SELECT min(p.id::text) FROM patients p WHERE p.tenant_id = $1 AND p.id = ANY (n.ids))::uuid AS first,
         (SELECT array_agg(DISTINCT coalesce(p.merged_into, p.id)) FROM patients p WHERE p.tenant_id = $1 AND p.id = ANY (n.ids)) AS roots
       FROM conversations c
       CROSS JOIN LATERAL (SELECT ARRAY(SELECT jsonb_array_elements_text(c.merge_state -> 'patients'))::uuid[] AS ids) n
       WHERE c.tenant_id = $1 AND ${namesSeveral('c')} AND n.ids && $2::uuid[]
         AND NOT EXISTS (SELECT FROM match_decisions d WHERE d.tenant_id = $1 AND d.entity_kind = 'conversation'
           AND d.entity_id = c.id AND d.decided_by IS NOT NULL)
     ), settled AS (
       SELECT id, CASE WHEN cardinality(roots) = 1 THEN roots[1] END AS patient_id,
         CASE WHEN cardinality(roots) = 1 THEN first END AS original_patient_id
       FROM named
       WHERE patient_id IS DISTINCT FROM CASE WHEN cardinality(roots) = 1 THEN roots[1] END
     )
     UPDATE conversations c
     SET patient_id = s.patient_id, original_patient_id = s.original_patient_id, version = c.version + 1
     FROM settled s WHERE c.tenant_id = $1 AND c.id = s.id RETURNING c.id`,
    [tenantId, members],
  );
  return rows.map(({ id }) => id);
}

/** As the index has it, letter by letter. */
const namesSeveral = (conversation: string) =>
  `jsonb_array_length(coalesce(${conversation}.merge_state -> 'patients', '[]')) > 1`;
