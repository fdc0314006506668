import type { Queryable } from '../pool.ts';

/** E.164 phones of a patient of the open transaction's tenant, those of patients merged into it too. */
export async function phonesOf(db: Queryable, tenantId: string, patientId: string): Promise<string[]> {
  const { rows } = await db.query<{ value: string }>(
    `SELECT DISTINCT i.value FROM patients m
     JOIN patient_identifiers i ON i.tenant_id = m.tenant_id AND i.patient_id = m.id AND i.kind = 'phone'
     WHERE m.tenant_id = $1 AND (m.id = $2 OR m.merged_into = $2)`,
    [tenantId, patientId],
  );
  return rows.map(({ value }) => value);
}
