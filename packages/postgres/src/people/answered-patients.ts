import type { Queryable } from '../pool.ts';

/** SQL of the clinic system's number of the patient `p`: that of one merged into them, while they have none of their own. */
export const clinicNumberSql = `coalesce(p.external_id,
  (SELECT min(n.external_id) FROM patients n WHERE n.tenant_id = p.tenant_id AND n.merged_into = p.id))`;

/** Whom these appointments are for, by appointment; where a patient was merged, who it was. Those for nobody are left out. */
export async function loadBookedFor(
  client: Queryable,
  tenantId: string,
  appointmentIds: readonly string[],
): Promise<Map<string, string>> {
  if (appointmentIds.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; booked_for: string }>(
    `SELECT id, coalesce(original_patient_id, patient_id) AS booked_for FROM appointments
     WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND patient_id IS NOT NULL`,
    [tenantId, appointmentIds],
  );
  return new Map(rows.map((row) => [row.id, row.booked_for]));
}

/**
 * Of these patients, each a number of the clinic's, those that events gave to a patient who has none of their own: to whom,
 * by the number's id.
 */
export async function loadGivenNumbers(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; given_to: string }>(
    `SELECT m.absorbed_id AS id, m.survivor_id AS given_to FROM patient_merges m
     JOIN patients n ON n.tenant_id = $1 AND n.id = m.absorbed_id AND n.external_id IS NOT NULL
     JOIN patients p ON p.tenant_id = $1 AND p.id = m.survivor_id AND p.external_id IS NULL
     WHERE m.tenant_id = $1 AND m.absorbed_id = ANY ($2::uuid[]) AND m.unmerged_at IS NULL AND m.merged_by IS NULL`,
    [tenantId, ids],
  );
  return new Map(rows.map((row) => [row.id, row.given_to]));
}

/** Whether a merge of the patient into another one was taken back. */
export async function wasParted(client: Queryable, tenantId: string, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM patient_merges WHERE tenant_id = $1 AND absorbed_id = $2 AND unmerged_at IS NOT NULL LIMIT 1',
    [tenantId, id],
  );
  return (rowCount ?? 0) > 0;
}
