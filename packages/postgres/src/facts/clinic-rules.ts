import { type BusinessHours, readBusinessHours } from '@switchboard/domain/business-hours';
import type { Queryable } from '../pool.ts';
import type { TenantSettings } from '../tenants.ts';

/** What of a clinic's settings decides what is stated. */
export interface ClinicRules {
  /** IANA name. */
  zone: string;
  hours: BusinessHours;
  firstResponseTargetMs: number;
  /** The zone with a digest of all the rest: names what statements were made by that know business hours. */
  madeBy: string;
}

/** Over a row of `tenants`. */
const rulesDigest = `md5(business_hours::text || ' ' || first_response_target_minutes)`;

/** Reads the rules of the open transaction's tenant. */
export async function loadClinicRules(
  client: Queryable,
  { tenantId, timeZone: zone }: TenantSettings,
): Promise<ClinicRules> {
  const { rows } = await client.query<{ hours: unknown; minutes: number; digest: string }>(
    `SELECT business_hours AS hours, first_response_target_minutes AS minutes, ${rulesDigest} AS digest
     FROM tenants WHERE id = $1`,
    [tenantId],
  );
  const [row] = rows;
  if (!row) throw new Error('a transaction without its tenant states nothing');
  return {
    zone,
    hours: readBusinessHours(row.hours),
    firstResponseTargetMs: row.minutes * 60_000,
    madeBy: `${zone} ${row.digest}`,
  };
}
