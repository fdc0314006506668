import type { Client } from '../pool.ts';
import type { Row } from '../rows.ts';
import { trySlot } from '../scheduling/try-slot.ts';

/**
 * What the clinic's system booked as another patient's at the time of a visit made here is that visit, once a merge says that
 * both are one: it stops being a conflict, and counts no more, as if it had been told after the merge. An unmerge brings it
 * back as it was.
 * @param members patients whose merges changed, whose records have changed hands
 * @returns appointments that are counted otherwise now
 */
export async function settleTwins(
  client: Client,
  tenantId: string,
  members: readonly string[],
): Promise<string[]> {
  const { rows: parted } = await client.query<{ id: string }>(partSql, [tenantId, members]);
  // Its time is free if the visit made here was given up or moved meanwhile.
  for (const { id } of parted)
    await trySlot(client, () =>
      client.query('UPDATE appointments SET conflict = false WHERE tenant_id = $1 AND id = $2', [
        tenantId,
        id,
      ]),
    );
  const { rows: joined } = await client.query<{ id: string }>(joinSql, [tenantId, members]);
  return [...parted, ...joined].map(({ id }) => id);
}

/** The visits made here that these appointments of the clinic's system are, by their ids: those that it does not number yet. */
export async function loadTwins(
  client: Client,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; twin: string }>(
    `SELECT t.id, o.id AS twin FROM appointments t JOIN appointments o ON o.tenant_id = $1 AND o.id = t.twin_of
     WHERE t.tenant_id = $1 AND t.id = ANY ($2::uuid[]) AND NOT ${isAnothers}`,
    [tenantId, ids],
  );
  return new Map(rows.map(({ id, twin }) => [id, twin]));
}

/** An appointment that stands by itself again, and the visit made here that it was taken for. */
export interface ReleasedTwin {
  row: Row;
  twin: string;
}

/**
 * Gives back what was taken for a visit made here that the clinic's system numbers otherwise now: it has two there, each with
 * a fate of its own. They are conflicts until they are judged.
 * @param ids appointments of which the clinic's system tells by their numbers, of those made here or of those taken for them
 */
export async function releaseTwins(
  client: Client,
  tenantId: string,
  ids: readonly string[],
): Promise<ReleasedTwin[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<ReleasedTwin>(
    `UPDATE appointments t SET twin_of = NULL, entered_in_error = false, conflict = true FROM appointments o
     WHERE t.tenant_id = $1 AND t.twin_of IS NOT NULL AND (t.twin_of = ANY ($2::uuid[]) OR t.id = ANY ($2::uuid[]))
       AND o.tenant_id = $1 AND o.id = t.twin_of AND (o.id = ANY ($2::uuid[]) OR ${isAnothers})
     RETURNING to_jsonb(t) AS row, o.id AS twin`,
    [tenantId, ids],
  );
  return rows;
}

const isAnothers = '(o.external_id IS NOT NULL OR o.entered_in_error)';

const partSql = `
UPDATE appointments t SET twin_of = NULL, entered_in_error = false, conflict = true
FROM appointments o
WHERE t.tenant_id = $1 AND t.twin_of IS NOT NULL AND o.tenant_id = $1 AND o.id = t.twin_of
  AND t.patient_id IS DISTINCT FROM o.patient_id AND (t.patient_id = ANY ($2::uuid[]) OR o.patient_id = ANY ($2::uuid[]))
RETURNING t.id`;

const joinSql = `
UPDATE appointments t SET twin_of = same.own, entered_in_error = true, conflict = false
FROM (SELECT DISTINCT ON (o.id) o.id AS own, c.id AS told
  FROM appointments c JOIN appointments o ON o.tenant_id = $1 AND o.patient_id = c.patient_id AND o.starts_at = c.starts_at
    AND o.practitioner_id = c.practitioner_id
  WHERE c.tenant_id = $1 AND c.patient_id = ANY ($2::uuid[]) AND c.conflict AND c.external_id IS NOT NULL
    AND NOT c.entered_in_error AND c.status IN ('scheduled', 'confirmed', 'checked_in')
    AND o.external_id IS NULL AND NOT o.conflict AND NOT o.entered_in_error AND NOT o.placeholder
    AND o.status IN ('scheduled', 'confirmed', 'checked_in')
  ORDER BY o.id, c.booked_at NULLS LAST, c.external_id, c.id) same
WHERE t.tenant_id = $1 AND t.id = same.told
RETURNING t.id`;
