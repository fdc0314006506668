import type { Queryable } from '../pool.ts';

/** Requests per minute of clinics that have a quota of their own, by clinic. */
export async function readRequestQuotas(db: Queryable): Promise<Map<string, number>> {
  const { rows } = await db.query<{ tenant_id: string; requests: number }>(
    'SELECT tenant_id, requests FROM tenant_quotas() WHERE requests IS NOT NULL',
  );
  return new Map(rows.map(({ tenant_id, requests }) => [tenant_id, requests]));
}
