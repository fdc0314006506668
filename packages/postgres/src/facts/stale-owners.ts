import type { Queryable } from '../pool.ts';

/** Whose many records state what the owner was before. */
export interface StaleOwner {
  records: 'appointments' | 'journeys';
  kind: 'practitioner' | 'appointment_type';
  id: string;
}

/** Which column names the owner, and in which order of an index its records are gone through. */
const columnOf = { practitioner: 'practitioner_id', appointment_type: 'appointment_type_id' } as const;
const orderOf = { appointments: 'starts_at', journeys: 'created_at' } as const;

/** Leaves an owner's records to the sink's upkeep, from the first on, however far that had come. */
export async function leaveToUpkeep(
  client: Queryable,
  tenantId: string,
  { records, kind, id }: StaleOwner,
): Promise<void> {
  await client.query(
    `INSERT INTO stale_owners (tenant_id, records, owner_kind, owner_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, records, owner_kind, owner_id) DO UPDATE SET after_at = DEFAULT, after_id = DEFAULT`,
    [tenantId, records, kind, id],
  );
}

/** Of these owners, those whose records are still left to the upkeep. */
export async function findStale(
  client: Queryable,
  tenantId: string,
  kind: StaleOwner['kind'],
  ids: readonly string[],
): Promise<StaleOwner[]> {
  const { rows } = await client.query<{ records: StaleOwner['records']; id: string }>(
    'SELECT records, owner_id AS id FROM stale_owners WHERE tenant_id = $1 AND owner_kind = $2 AND owner_id = ANY ($3::uuid[])',
    [tenantId, kind, ids],
  );
  return rows.map((row) => ({ ...row, kind }));
}

/**
 * Takes the next of the records that are left to the upkeep, and remembers that they were taken: the caller states them in
 * the same transaction, which holds the tenant's lock. What is written meanwhile states what the owner is now by itself.
 * @param most how many records at most
 * @returns nothing when none are left; a page may be empty
 */
export async function takeStalePage(
  client: Queryable,
  tenantId: string,
  most: number,
): Promise<{ records: StaleOwner['records']; ids: string[] } | undefined> {
  const { rows: owners } = await client.query<StaleOwner & { afterAt: string; afterId: string }>(
    `SELECT records, owner_kind AS kind, owner_id AS id, after_at::text AS "afterAt", after_id AS "afterId"
     FROM stale_owners WHERE tenant_id = $1 ORDER BY records, owner_kind, owner_id LIMIT 1`,
    [tenantId],
  );
  const [owner] = owners;
  if (!owner) return undefined;
  const { records, kind, id } = owner;
  const order = orderOf[records];
  const { rows: page } = await client.query<{ id: string; at: string }>(
    `SELECT id, ${order}::text AS at FROM ${records} WHERE tenant_id = $1 AND ${columnOf[kind]} = $2
       AND (${order}, id) > ($3::timestamptz, $4::uuid) ORDER BY ${order}, id LIMIT $5`,
    [tenantId, id, owner.afterAt, owner.afterId, most],
  );
  const last = page.at(-1);
  const row = 'tenant_id = $1 AND records = $2 AND owner_kind = $3 AND owner_id = $4';
  const key = [tenantId, records, kind, id];
  if (last && page.length === most)
    await client.query(`UPDATE stale_owners SET after_at = $5, after_id = $6 WHERE ${row}`, [
      ...key,
      last.at,
      last.id,
    ]);
  else await client.query(`DELETE FROM stale_owners WHERE ${row}`, key);
  return { records, ids: page.map((one) => one.id) };
}
