import type { Queryable } from '../pool.ts';
import { createUpsert } from '../rows.ts';

/** Calls among `callIds` whose patient a person has decided: automatic matching leaves them alone. */
export async function loadDecidedByPeople(
  client: Queryable,
  tenantId: string,
  callIds: readonly string[],
): Promise<Set<string>> {
  if (callIds.length === 0) return new Set();
  const { rows } = await client.query<{ entity_id: string }>(
    `SELECT entity_id FROM match_decisions
     WHERE tenant_id = $1 AND entity_kind = 'voice_call' AND entity_id = ANY ($2::uuid[]) AND decided_by IS NOT NULL`,
    [tenantId, callIds],
  );
  return new Set(rows.map((row) => row.entity_id));
}

export const upsertDecisions = createUpsert(
  'match_decisions',
  ['tenant_id', 'entity_kind', 'entity_id'],
  ['decision', 'patient_id', 'score', 'breakdown', 'model_version'],
);

/** Forgets automatic decisions of calls that can't be matched any more. */
export async function deleteDecisions(
  client: Queryable,
  tenantId: string,
  callIds: readonly string[],
): Promise<void> {
  if (callIds.length === 0) return;
  await client.query(
    `DELETE FROM match_decisions
     WHERE tenant_id = $1 AND entity_kind = 'voice_call' AND entity_id = ANY ($2::uuid[]) AND decided_by IS NULL`,
    [tenantId, callIds],
  );
}
