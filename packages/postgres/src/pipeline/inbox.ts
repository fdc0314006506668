import type { Queryable } from '../pool.ts';

/**
 * Marks events as taken, in the transaction of their effect.
 * @returns the ids that were not marked before: only those may have an effect
 */
export async function takeNewEvents(
  client: Queryable,
  tenantId: string,
  eventIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ event_id: string }>(
    `INSERT INTO inbox (tenant_id, event_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id`,
    [tenantId, [...new Set(eventIds)]],
  );
  return new Set(rows.map((row) => row.event_id));
}
