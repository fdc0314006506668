import { callsInProgress } from '@switchboard/domain/metrics/realtime';
import { readTenantFreshness, type TenantFreshness } from '../blocks/freshness.ts';
import { isTest } from '../facts/counted.ts';
import { type Pool, type Queryable, withTenant } from '../pool.ts';

/** Whose days an answer counts, and how fresh its numbers are. */
export interface TenantContext {
  name: string;
  /** IANA name. */
  timeZone: string;
  /** 1 Monday … 7 Sunday. */
  firstWeekday: number;
  locale: string;
  freshness: TenantFreshness;
}

/** Reads it before ClickHouse is asked, so that `as_of` never promises more than the numbers hold. */
export function readTenantContext(pool: Pool, tenantId: string): Promise<TenantContext | undefined> {
  return withTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<Omit<TenantContext, 'freshness'>>(
      `SELECT name, time_zone AS "timeZone", first_weekday AS "firstWeekday", locale FROM tenants WHERE id = $1`,
      [tenantId],
    );
    const [tenant] = rows;
    return tenant && { ...tenant, freshness: await readTenantFreshness(client) };
  });
}

/** The metric `calls_in_progress`, now. */
export function countCallsInProgress(pool: Pool, tenantId: string): Promise<number> {
  const { where, beganWithinHours } = callsInProgress.calculation;
  return withTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ calls: number }>(
      `SELECT count(*)::int AS calls FROM voice_calls v
       WHERE v.tenant_id = $1 AND v.status = ANY ($2::text[]) AND v.began_at > now() - make_interval(hours => $3) AND NOT ${isTest('v')}`,
      [tenantId, [...where.status], beganWithinHours],
    );
    return rows[0]?.calls ?? 0;
  });
}

/** IANA zone of the open transaction's tenant. */
export async function readTimeZone(db: Queryable, tenantId: string): Promise<string> {
  const { rows } = await db.query<{ time_zone: string }>('SELECT time_zone FROM tenants WHERE id = $1', [
    tenantId,
  ]);
  return rows[0]?.time_zone ?? 'UTC';
}
