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
    const { rows } = await client.query<PatientWithPhones>(
      `WITH found AS (
         SELECT DISTINCT coalesce(p.merged_into, p.id) AS id
         FROM patient_identifiers i JOIN patients p ON p.tenant_id = i.tenant_id AND p.id = i.patient_id
         WHERE i.tenant_id = $1 AND i.kind = 'phone' AND i.value = ANY ($2::text[])
       )
       SELECT p.id, p.first_name AS first, p.last_name AS last, p.date_of_birth AS dob,
         (SELECT coalesce(array_agg(DISTINCT i.value ORDER BY i.value), '{}')
          FROM patients m JOIN patient_identifiers i ON i.tenant_id = m.tenant_id AND i.patient_id = m.id AND i.kind = 'phone'
          WHERE m.tenant_id = $1 AND (m.id = p.id OR m.merged_into = p.id)) AS phones
       FROM found JOIN patients p ON p.tenant_id = $1 AND p.id = found.id
       ORDER BY p.id`,
      [tenantId, phones],
    );
    return rows;
  });
}
