import { SwitchboardError } from '@switchboard/platform';
import type { Queryable } from './pool.ts';

/** What every writer needs of a tenant. */
export interface TenantSettings {
  tenantId: string;
  /** IANA name. */
  timeZone: string;
  /** ISO 3166-1 alpha-2: the region of phone numbers without a country code. */
  country: string;
  shard: number;
  matchThresholds: { link: number; review: number };
}

/**
 * Settings of the tenants that exist among `tenantIds`.
 * @throws SwitchboardError `time_zone_unknown`, not retryable: without its days nothing can be said of a clinic's events
 */
export async function loadTenantSettings(
  client: Queryable,
  tenantIds: readonly string[],
): Promise<Map<string, TenantSettings>> {
  const { rows } = await client.query<{
    tenant_id: string;
    time_zone: string;
    country: string;
    shard: number;
    match_link_threshold: number;
    match_review_threshold: number;
  }>(
    'SELECT tenant_id, time_zone, country, shard, match_link_threshold, match_review_threshold FROM tenant_settings($1)',
    [tenantIds],
  );
  for (const row of rows) requireZone(row.tenant_id, row.time_zone);
  return new Map(
    rows.map((row) => [
      row.tenant_id,
      {
        tenantId: row.tenant_id,
        timeZone: row.time_zone,
        country: row.country,
        shard: row.shard,
        matchThresholds: { link: row.match_link_threshold, review: row.match_review_threshold },
      },
    ]),
  );
}

/** Each is looked up once: that costs more than the query. */
const knownZones = new Set<string>();

function requireZone(tenantId: string, timeZone: string): void {
  if (knownZones.has(timeZone)) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    knownZones.add(timeZone);
  } catch (cause) {
    throw new SwitchboardError('time_zone_unknown', `the time zone of tenant ${tenantId} is none`, { cause });
  }
}
