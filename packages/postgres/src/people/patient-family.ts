import { SwitchboardError } from '@switchboard/platform';
import type { Queryable } from '../pool.ts';

/** Patients that are one person, by the merges in force: a tree, whose root stands for all. */
export interface Family {
  members: ReadonlySet<string>;
  /** Whom it was merged into, directly. */
  survivorOf(id: string): string | undefined;
  /** Whether a person said so. */
  isMergedByPerson(id: string): boolean;
  /** The end of its chain; itself where it was not merged. */
  rootOf(id: string): string;
  /** All who are one with it, itself among them. */
  allOf(id: string): string[];
  /** @throws SwitchboardError `patient_unknown` */
  require(id: string): void;
}

/** The families of these patients of the open transaction's tenant, as its merges in force say. */
export async function loadFamily(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<Family> {
  const { rows } = await client.query<{ id: string; survivor_id: string | null; by_person: boolean }>(
    familySql,
    [tenantId, ids],
  );
  const survivors = new Map(rows.flatMap((row) => (row.survivor_id ? [[row.id, row.survivor_id]] : [])));
  const members = new Set(rows.map((row) => row.id));
  const rootOf = (id: string): string => {
    let root = id;
    for (let next = survivors.get(root); next !== undefined; next = survivors.get(root)) root = next;
    return root;
  };
  return {
    members,
    survivorOf: (id) => survivors.get(id),
    isMergedByPerson: (id) => rows.some((row) => row.id === id && row.by_person),
    rootOf,
    allOf: (id) => [...members].filter((one) => rootOf(one) === rootOf(id)),
    require(id) {
      if (!members.has(id)) throw new SwitchboardError('patient_unknown', 'there is no patient with this id');
    },
  };
}

// Up to the root first, then down from it.
const familySql = `
WITH RECURSIVE up AS (
  SELECT id FROM patients WHERE tenant_id = $1 AND id = ANY ($2::uuid[])
  UNION
  SELECT m.survivor_id FROM up JOIN patient_merges m
    ON m.tenant_id = $1 AND m.absorbed_id = up.id AND m.unmerged_at IS NULL
), family AS (
  SELECT id FROM up
  UNION
  SELECT m.absorbed_id FROM family JOIN patient_merges m
    ON m.tenant_id = $1 AND m.survivor_id = family.id AND m.unmerged_at IS NULL
)
SELECT f.id, m.survivor_id, m.merged_by IS NOT NULL AS by_person FROM family f
LEFT JOIN patient_merges m ON m.tenant_id = $1 AND m.absorbed_id = f.id AND m.unmerged_at IS NULL`;

/** Writes down a merge that is in force from now on. */
export async function openMerge(
  client: Queryable,
  tenantId: string,
  merge: {
    id: string;
    survivorId: string;
    absorbedId: string;
    mergedBy: string | null;
    eventId: string | null;
  },
): Promise<void> {
  await client.query(
    `INSERT INTO patient_merges (tenant_id, id, survivor_id, absorbed_id, merged_by, event_id)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [tenantId, merge.id, merge.survivorId, merge.absorbedId, merge.mergedBy, merge.eventId],
  );
}

/** Ends the merge that a patient was absorbed by. */
export async function closeMerge(
  client: Queryable,
  tenantId: string,
  absorbedId: string,
  userId: string | null,
): Promise<void> {
  await client.query(
    `UPDATE patient_merges SET unmerged_at = now(), unmerged_by = $3
     WHERE tenant_id = $1 AND absorbed_id = $2 AND unmerged_at IS NULL`,
    [tenantId, absorbedId, userId],
  );
}

/** Each patient's state: merged ones name the root, so that whoever finds one is a single step from it. */
export async function writeFamily(
  client: Queryable,
  tenantId: string,
  family: Family,
  members: readonly string[],
): Promise<void> {
  await client.query(
    `UPDATE patients p SET status = CASE WHEN f.id = f.root THEN 'active' ELSE 'merged' END, merged_into = nullif(f.root, f.id)
     FROM unnest($2::uuid[], $3::uuid[]) AS f (id, root)
     WHERE p.tenant_id = $1 AND p.id = f.id AND p.merged_into IS DISTINCT FROM nullif(f.root, f.id)`,
    [tenantId, members, members.map((id) => family.rootOf(id))],
  );
}
