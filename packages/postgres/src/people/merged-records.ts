import type { Touched } from '../facts/state-touched.ts';
import type { Queryable } from '../pool.ts';
import type { Family } from './patient-family.ts';

/** Every table whose rows are a patient's, and as what they have facts. */
const tables = [
  ['voice_calls', 'calls'],
  ['conversations', 'conversations'],
  ['appointments', 'appointments'],
  ['journeys', 'journeys'],
  ['booking_requests', undefined],
] as const;

/**
 * Gives every record of these patients to whoever stands for its original patient now, so that any order of merges and
 * unmerges ends the same. A record without an original patient gets the one it has, which the merge notes: once that
 * patient stands for itself again, the record is as it was. @returns the records that changed hands
 */
export async function moveRecords(
  client: Queryable,
  tenantId: string,
  family: Family,
  members: readonly string[],
  mergeId: string | undefined,
): Promise<Touched> {
  const roots = members.map((id) => family.rootOf(id));
  const touched: Record<'calls' | 'conversations' | 'appointments' | 'journeys', string[]> = {
    calls: [],
    conversations: [],
    appointments: [],
    journeys: [],
  };
  const marked: string[] = [];
  for (const [table, kind] of tables) {
    const { rows } = await client.query<{ id: string; bare: boolean }>(moveSql(table), [
      tenantId,
      members,
      roots,
    ]);
    if (kind) touched[kind] = rows.map(({ id }) => id);
    marked.push(...rows.filter(({ bare }) => bare).map(({ id }) => id));
  }
  if (mergeId !== undefined && marked.length > 0)
    await client.query('UPDATE patient_merges SET marked_ids = $3 WHERE tenant_id = $1 AND id = $2', [
      tenantId,
      mergeId,
      marked,
    ]);
  await unmark(client, tenantId, members);
  return touched;
}

const moveSql = (table: string) => `
WITH family AS (
  SELECT id, root FROM unnest($2::uuid[], $3::uuid[]) AS f (id, root)
), whose AS (
  SELECT t.id, t.patient_id, t.original_patient_id IS NULL AS bare,
    CASE WHEN t.original_patient_id = ANY ($2::uuid[]) THEN t.original_patient_id ELSE t.patient_id END AS original
  FROM ${table} t WHERE t.tenant_id = $1 AND t.patient_id = ANY ($2::uuid[])
), moved AS (
  UPDATE ${table} t SET patient_id = f.root, original_patient_id = w.original
  FROM whose w JOIN family f ON f.id = w.original
  WHERE t.tenant_id = $1 AND t.id = w.id AND f.root <> w.patient_id
  RETURNING t.id, w.bare
)
SELECT id, bare FROM moved`;

async function unmark(client: Queryable, tenantId: string, members: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT marked.id FROM patient_merges m, unnest(m.marked_ids) AS marked (id)
     WHERE m.tenant_id = $1 AND m.absorbed_id = ANY ($2::uuid[])`,
    [tenantId, members],
  );
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  for (const [table] of tables)
    await client.query(
      `UPDATE ${table} SET original_patient_id = NULL
       WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND original_patient_id = patient_id
         AND patient_id = ANY ($3::uuid[])`,
      [tenantId, ids, members],
    );
}
