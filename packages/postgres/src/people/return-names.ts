import type { Queryable } from '../pool.ts';

/**
 * Takes name and birth date back from patients who have them of a call that is another's now that a merge is undone: with
 * their own phone the other's birth date would prove them. Whose the call is has them, unless they are named already.
 * @param members patients whose merges changed, whose calls have changed hands
 */
export async function returnNames(
  client: Queryable,
  tenantId: string,
  members: readonly string[],
): Promise<void> {
  await client.query(returnSql, [tenantId, members]);
}

const returnSql = `
WITH astray AS (
  SELECT p.id, p.first_name, p.last_name, p.date_of_birth, p.name_call_id, c.patient_id AS whose, c.began_at
  FROM patients p JOIN voice_calls c ON c.tenant_id = $1 AND c.id = p.name_call_id
  WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[]) AND c.patient_id = ANY ($2::uuid[])
    AND c.patient_id <> coalesce(p.merged_into, p.id)
), given AS (
  UPDATE patients p SET first_name = a.first_name, last_name = a.last_name, date_of_birth = a.date_of_birth, name_call_id = a.name_call_id
  FROM (SELECT DISTINCT ON (whose) * FROM astray ORDER BY whose, began_at, id) a
  WHERE p.tenant_id = $1 AND p.id = a.whose AND p.first_name IS NULL AND p.last_name IS NULL AND p.date_of_birth IS NULL
)
UPDATE patients p SET first_name = NULL, last_name = NULL, date_of_birth = NULL, name_call_id = NULL
FROM astray a WHERE p.tenant_id = $1 AND p.id = a.id`;
