import { type Pool, withTenant } from '../pool.ts';

/** A patient as enrichment compares it. */
export interface PatientWithPhones {
  id: string;
  first: string | null;
  last: string | null;
  /** ISO date. */
  dob: string | null;
  /** E.164. */
  phones: string[];
}

/**
 * Patients of one tenant that have any of the phones, each with all phones, in a fixed order. What was merged is named
 * by the patient it was merged into.
 */
export async function loadPatientsByPhone(
  pool: Pool,
  tenantId: string,
  phones: readonly string[],
): Promise<PatientWithPhones[]> {
  if (phones.length === 0) return [];
  return withTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<PatientWithPhones>(byPhoneSql, [tenantId, phones]);
    return rows;
  });
}

// Ids are looked up as arrays, not joined: before a young table's first ANALYZE the planner takes a tenant for one row,
// and a join would read all of its patients for each one found.
const byPhoneSql = `
WITH found AS MATERIALIZED (
  SELECT DISTINCT coalesce(p.merged_into, p.id) AS id FROM patients p
  WHERE p.tenant_id = $1 AND p.id = ANY (ARRAY (
    SELECT i.patient_id FROM patient_identifiers i
    WHERE i.tenant_id = $1 AND i.kind = 'phone' AND i.value = ANY ($2::text[])))
), members AS MATERIALIZED (
  SELECT id, id AS patient_id FROM found
  UNION
  SELECT p.id, p.merged_into FROM patients p WHERE p.tenant_id = $1 AND p.merged_into = ANY (ARRAY (SELECT id FROM found))
), numbers AS MATERIALIZED (
  SELECT i.patient_id AS id, i.value FROM patient_identifiers i
  WHERE i.tenant_id = $1 AND i.kind = 'phone' AND i.patient_id = ANY (ARRAY (SELECT id FROM members))
), phones AS MATERIALIZED (
  SELECT m.patient_id, array_agg(DISTINCT n.value ORDER BY n.value) AS phones
  FROM members m JOIN numbers n ON n.id = m.id GROUP BY m.patient_id
)
SELECT p.id, p.first_name AS first, p.last_name AS last, p.date_of_birth AS dob,
  coalesce((SELECT phones FROM phones WHERE patient_id = p.id), '{}') AS phones
FROM patients p WHERE p.tenant_id = $1 AND p.id = ANY (ARRAY (SELECT id FROM found))
ORDER BY p.id`;
