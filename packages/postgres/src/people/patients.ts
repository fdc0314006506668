import type { Queryable } from '../pool.ts';
import { createUpsert } from '../rows.ts';

/** A patient as matching sees it. */
export interface PatientRow {
  id: string;
  first_name: string | null;
  last_name: string | null;
  date_of_birth: string | null;
  origin_call_id: string | null;
  name_call_id: string | null;
  /** Those of patients merged into this one too. */
  phones: string[];
  /** Patients that were merged into this one. */
  absorbed_ids: string[];
  /** Phones that only patients merged into this one have, and whose each is. */
  absorbed_phones: Record<string, string>;
  /**
   * Something besides calls refers to it, or a person decided about it. What was written from its phone, and is its own by
   * that alone, follows the phone.
   */
  known_elsewhere: boolean;
  /** Calls linked to this patient: those asked about, and one of all others. */
  call_ids: string[];
}

/** A patient's phone, E.164. */
export interface PatientPhone {
  patientId: string;
  phone: string;
}

export interface PatientQuery {
  phones: readonly string[];
  ids: readonly string[];
  /** Calls asked about: patients that they made or named are wanted too. */
  callIds: readonly string[];
}

/**
 * Active patients that have one of the phones, are named, or were made or named by one of the calls. Who was merged is
 * found as the patient it was merged into. A patient that is known elsewhere was made by no call: nothing that a call says
 * later takes it away.
 */
export async function loadPatientsFor(
  client: Queryable,
  tenantId: string,
  query: PatientQuery,
): Promise<PatientRow[]> {
  if (query.phones.length + query.ids.length + query.callIds.length === 0) return [];
  const { rows } = await client.query<PatientRow>(patientsSql, [
    tenantId,
    query.phones,
    query.ids,
    query.callIds,
  ]);
  return rows;
}

// The calls asked about are found by their ids: of who calls often, going through all their calls is most of the work.
// Ids are looked up as arrays, not joined: before a young table's first ANALYZE a join would read all of a tenant's patients.
const patientsSql = `
WITH wanted AS (
  SELECT patient_id AS id FROM patient_identifiers WHERE tenant_id = $1 AND kind = 'phone' AND value = ANY ($2::text[])
  UNION SELECT unnest($3::uuid[])
  UNION SELECT id FROM patients WHERE tenant_id = $1 AND origin_call_id = ANY ($4::uuid[])
  UNION SELECT id FROM patients WHERE tenant_id = $1 AND name_call_id = ANY ($4::uuid[])
), found AS MATERIALIZED (
  SELECT DISTINCT coalesce(p.merged_into, p.id) AS id FROM patients p
  WHERE p.tenant_id = $1 AND p.id = ANY (ARRAY (SELECT id FROM wanted))
), absorbed AS MATERIALIZED (
  SELECT p.id, p.merged_into FROM patients p
  WHERE p.tenant_id = $1 AND p.merged_into = ANY (ARRAY (SELECT id FROM found))
), asked AS MATERIALIZED (
  SELECT c.id, c.patient_id FROM voice_calls c WHERE c.tenant_id = $1 AND c.id = ANY ($4::uuid[])
)
SELECT p.id, p.first_name, p.last_name, p.date_of_birth,
  CASE WHEN k.elsewhere THEN NULL ELSE p.origin_call_id END AS origin_call_id,
  p.name_call_id, k.elsewhere AS known_elsewhere,
  own.phones || ARRAY (SELECT key FROM jsonb_object_keys(theirs.phones) AS key ORDER BY 1) AS phones,
  ARRAY (SELECT a.id FROM absorbed a WHERE a.merged_into = p.id) AS absorbed_ids, theirs.phones AS absorbed_phones,
  ARRAY (SELECT c.id FROM asked c WHERE c.patient_id = p.id)
    || ARRAY (SELECT c.id FROM voice_calls c WHERE c.tenant_id = $1 AND c.patient_id = p.id AND c.id <> ALL ($4::uuid[]) LIMIT 1) AS call_ids
FROM patients p
CROSS JOIN LATERAL (
  SELECT ARRAY (SELECT i.value FROM patient_identifiers i
    WHERE i.tenant_id = $1 AND i.patient_id = p.id AND i.kind = 'phone' ORDER BY 1) AS phones
) own
CROSS JOIN LATERAL (
  SELECT coalesce(jsonb_object_agg(i.value, i.patient_id ORDER BY i.patient_id DESC), '{}') AS phones
  FROM patient_identifiers i
  WHERE i.tenant_id = $1 AND i.kind = 'phone' AND i.value <> ALL (own.phones)
    AND i.patient_id = ANY (ARRAY (SELECT a.id FROM absorbed a WHERE a.merged_into = p.id))
) theirs
CROSS JOIN LATERAL (
  SELECT p.external_id IS NOT NULL OR p.origin <> 'voice'
    OR EXISTS (SELECT FROM patient_merges m WHERE m.tenant_id = $1 AND (m.survivor_id = p.id OR m.absorbed_id = p.id))
    OR EXISTS (SELECT FROM appointments a WHERE a.tenant_id = $1 AND a.patient_id = p.id)
    OR EXISTS (SELECT FROM journeys j WHERE j.tenant_id = $1 AND j.patient_id = p.id)
    OR EXISTS (SELECT FROM conversations v WHERE v.tenant_id = $1 AND v.patient_id = p.id AND v.channel <> 'voice'
      AND NOT (v.channel IN ('whatsapp', 'sms') AND coalesce(v.contact_phone = ANY (own.phones), false)
        AND jsonb_array_length(coalesce(v.merge_state -> 'patients', '[]')) = 0))
    OR EXISTS (SELECT FROM booking_requests b WHERE b.tenant_id = $1 AND b.patient_id = p.id)
    OR EXISTS (SELECT FROM match_decisions d WHERE d.tenant_id = $1 AND d.patient_id = p.id AND d.decided_by IS NOT NULL)
    AS elsewhere
  -- Asked once for a patient, though two columns want it.
  OFFSET 0
) k
WHERE p.tenant_id = $1 AND p.id = ANY (ARRAY (SELECT id FROM found)) AND p.status = 'active'`;

export const upsertPatients = createUpsert(
  'patients',
  ['tenant_id', 'id'],
  ['first_name', 'last_name', 'date_of_birth', 'origin', 'origin_call_id', 'name_call_id'],
);

/** Names a patient, or takes a name back; other columns stay. */
export async function namePatients(
  client: Queryable,
  tenantId: string,
  names: readonly Pick<PatientRow, 'id' | 'first_name' | 'last_name' | 'date_of_birth' | 'name_call_id'>[],
): Promise<void> {
  if (names.length === 0) return;
  await client.query(
    `UPDATE patients p SET first_name = n.first_name, last_name = n.last_name, date_of_birth = n.date_of_birth, name_call_id = n.name_call_id
     FROM json_populate_recordset(NULL::patients, $2::json) n WHERE p.tenant_id = $1 AND p.id = n.id`,
    [tenantId, JSON.stringify(names)],
  );
}

/** Puts these phones in place of all phones of the patients named. */
export async function replacePhones(
  client: Queryable,
  tenantId: string,
  phones: readonly PatientPhone[],
): Promise<void> {
  if (phones.length === 0) return;
  await client.query(
    `DELETE FROM patient_identifiers i USING unnest($2::uuid[], $3::text[]) AS n (patient_id, value)
     WHERE i.tenant_id = $1 AND i.patient_id = n.patient_id AND i.kind = 'phone' AND i.value <> n.value`,
    [tenantId, ...columnsOf(phones)],
  );
  await addPhones(client, tenantId, phones);
}

/** Gives patients these phones; those that they have stay. */
export async function addPhones(
  client: Queryable,
  tenantId: string,
  phones: readonly PatientPhone[],
): Promise<void> {
  if (phones.length === 0) return;
  await client.query(
    `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value)
     SELECT $1, n.patient_id, 'phone', n.value FROM unnest($2::uuid[], $3::text[]) AS n (patient_id, value)
     ON CONFLICT DO NOTHING`,
    [tenantId, ...columnsOf(phones)],
  );
}

function columnsOf(phones: readonly PatientPhone[]): [string[], string[]] {
  return [phones.map(({ patientId }) => patientId), phones.map(({ phone }) => phone)];
}

/** Removes patients that a call made by mistake; nothing refers to them any more. */
export async function deletePatients(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await client.query('DELETE FROM patients WHERE tenant_id = $1 AND id = ANY ($2::uuid[])', [tenantId, ids]);
}
