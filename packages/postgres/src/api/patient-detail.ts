import { clinicNumberSql } from '../people/answered-patients.ts';
import type { Queryable } from '../pool.ts';

export interface PatientIdentifierRow {
  kind: string;
  value: string;
  /** Whose it is: the patient's own, or of one that was merged into it. */
  patient_id: string;
}

export interface MergedPatientRow {
  id: string;
  first_name: string | null;
  last_name: string | null;
  /** RFC 3339. */
  merged_at: string;
  /** Directly; it may have been merged itself. */
  survivor_id: string;
}

export interface PatientDetailRow {
  id: string;
  first_name: string | null;
  last_name: string | null;
  date_of_birth: string | null;
  status: string;
  merged_into: string | null;
  origin: string;
  language: string | null;
  source: string | null;
  external_id: string | null;
  placeholder: boolean;
  test_data: boolean;
  created_at: Date;
  updated_at: Date;
  identifiers: PatientIdentifierRow[];
  merged: MergedPatientRow[];
}

/** A patient of the open transaction's tenant with all that were merged into it; undefined for another's or none. */
export async function readPatient(
  db: Queryable,
  tenantId: string,
  patientId: string,
): Promise<PatientDetailRow | undefined> {
  const { rows } = await db.query<PatientDetailRow>(patientSql, [tenantId, patientId]);
  return rows[0];
}

const patientSql = `
SELECT p.id, p.first_name, p.last_name, p.date_of_birth, p.status, p.merged_into, p.origin, p.language, p.source,
  ${clinicNumberSql} AS external_id, p.placeholder, p.test_data, p.created_at, p.updated_at,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', i.kind, 'value', i.value, 'patient_id', i.patient_id)
     ORDER BY i.patient_id <> p.id, i.kind, i.value), '[]')
   FROM patients m JOIN patient_identifiers i ON i.tenant_id = m.tenant_id AND i.patient_id = m.id
   WHERE m.tenant_id = p.tenant_id AND (m.id = p.id OR m.merged_into = p.id)) AS identifiers,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'first_name', m.first_name, 'last_name', m.last_name,
     'merged_at', g.merged_at, 'survivor_id', g.survivor_id) ORDER BY g.merged_at, m.id), '[]')
   FROM patients m JOIN patient_merges g ON g.tenant_id = m.tenant_id AND g.absorbed_id = m.id AND g.unmerged_at IS NULL
   WHERE m.tenant_id = p.tenant_id AND m.merged_into = p.id) AS merged
FROM patients p
WHERE p.tenant_id = $1 AND p.id = $2`;
