import type { Queryable } from '../pool.ts';

/** What a clinic may use in a minute; null: what the settings say for all. */
export interface TenantQuotas {
  /** Webhooks of calls, and as many of messages. */
  events_per_minute: number | null;
  /** Events of the clinic's system. */
  records_per_minute: number | null;
  /** Requests to the API. */
  requests_per_minute: number | null;
}

const names = ['events_per_minute', 'records_per_minute', 'requests_per_minute'] as const;
const columns = names.map((name) => `quota_${name} AS ${name}`).join(', ');

/** Of the open transaction's tenant. */
export async function readQuotas(db: Queryable, tenantId: string): Promise<TenantQuotas> {
  const { rows } = await db.query<TenantQuotas>(`SELECT ${columns} FROM tenants WHERE id = $1`, [tenantId]);
  return rows[0] ?? { events_per_minute: null, records_per_minute: null, requests_per_minute: null };
}

/** Sets what is given, as `switchboard_migrate` or a superuser: a quota is not the clinic's to raise. */
export async function writeQuotas(
  db: Queryable,
  tenantId: string,
  change: Partial<TenantQuotas>,
): Promise<void> {
  const values: unknown[] = [tenantId];
  const sets = names.flatMap((name) => {
    const value = change[name];
    return value === undefined ? [] : [`quota_${name} = $${values.push(value)}`];
  });
  if (sets.length > 0) await db.query(`UPDATE tenants SET ${sets.join(', ')} WHERE id = $1`, values);
}
