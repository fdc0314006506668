import type { Queryable } from '../pool.ts';
import { createUpsert } from '../rows.ts';

/** What a patient is known by: `phone` in E.164, `email`, or a number and what gives such numbers. */
export interface Identifier {
  kind: string;
  value: string;
}

/** Writes patients as the clinic's system tells them, by id; what calls say of them stays. */
export const upsertToldPatients = createUpsert(
  'patients',
  ['tenant_id', 'id'],
  [
    'first_name',
    'last_name',
    'date_of_birth',
    'language',
    'active',
    'deceased',
    'status',
    'merged_into',
    'origin',
    'placeholder',
    'name_call_id',
    'source',
    'external_id',
  ],
);

/** Adds and removes what patients are known by. */
export async function changeIdentifiers(
  client: Queryable,
  tenantId: string,
  added: readonly (Identifier & { patientId: string })[],
  removed: readonly (Identifier & { patientId: string })[],
): Promise<void> {
  const columns = (rows: typeof added) => [
    rows.map(({ patientId }) => patientId),
    rows.map(({ kind }) => kind),
    rows.map(({ value }) => value),
  ];
  if (removed.length > 0)
    await client.query(
      `DELETE FROM patient_identifiers i USING unnest($2::uuid[], $3::text[], $4::text[]) AS n (patient_id, kind, value)
       WHERE i.tenant_id = $1 AND i.patient_id = n.patient_id AND i.kind = n.kind AND i.value = n.value`,
      [tenantId, ...columns(removed)],
    );
  if (added.length > 0)
    await client.query(
      `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value)
       SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING`,
      [tenantId, ...columns(added)],
    );
}

/** Of these patients the ones that others were merged into, by who was merged: the last of a chain. */
export async function loadSurvivors(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; survivor_id: string }>(
    `WITH RECURSIVE chain AS (
       SELECT p.id, p.merged_into AS survivor_id FROM patients p
       WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[]) AND p.merged_into IS NOT NULL
       UNION
       SELECT c.id, p.merged_into FROM chain c JOIN patients p ON p.tenant_id = $1 AND p.id = c.survivor_id
       WHERE p.merged_into IS NOT NULL
     )
     SELECT c.id, c.survivor_id FROM chain c
     JOIN patients p ON p.tenant_id = $1 AND p.id = c.survivor_id AND p.merged_into IS NULL`,
    [tenantId, ids],
  );
  return new Map(rows.map((row) => [row.id, row.survivor_id]));
}

/** Of these patients the ones that no clinic's system numbers, nor anybody who is one with them by a merge. */
export async function loadUnnumbered(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await client.query<{ id: string }>(
    `SELECT p.id FROM patients p WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[])
       AND NOT EXISTS (SELECT FROM patients r WHERE r.tenant_id = $1 AND r.id = coalesce(p.merged_into, p.id) AND r.external_id IS NOT NULL)
       AND NOT EXISTS (SELECT FROM patients m WHERE m.tenant_id = $1 AND m.merged_into = coalesce(p.merged_into, p.id) AND m.external_id IS NOT NULL)`,
    [tenantId, ids],
  );
  return new Set(rows.map((row) => row.id));
}
