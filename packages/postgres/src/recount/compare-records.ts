import type { Queryable } from '../pool.ts';
import { openingSql } from './opening-hours.ts';
import type { Recount, RecountDifference } from './voice-calls.ts';

/** How one kind's records are counted again. */
export interface RecordsToCompare {
  kind: string;
  statementVersion: number;
  /** Its statements follow the clinic's business hours, so that they are made again when those change. */
  knowsHours: boolean;
  /**
   * CTEs, the last of them `records (id, basis, at, counted, spans, phone)`: a row for each statement there should be;
   * `counted` the columns, `spans` the values of each distribution (nulls count as none), `phone` what `contact` is the
   * pseudonym of. `$1` is the tenant, `$2` its zone; the CTE `opening` tells its business hours.
   */
  records: string;
  /** Query for ids whose statements are older though their version is not: they are left to the upkeep. */
  stale?: string;
}

/**
 * Compares records with what is stated of them in `fact_current`, statement by statement and column by column. Of a
 * distribution, each value must lie within the bounds of its bucket, which are computed here from the 1 % that buckets may
 * be off. A contact is a pseudonym under a key that is not asked for: whether one is known, and that one number has one
 * pseudonym and the reverse.
 */
export async function compareRecords(
  db: Queryable,
  tenantId: string,
  zone: string,
  { kind, statementVersion, knowsHours, records, stale = noneStale }: RecordsToCompare,
): Promise<Recount> {
  const { rows: made } = await db.query<{ by: string }>(
    `SELECT $2 || CASE WHEN $3 THEN ' ' || md5(business_hours::text || ' ' || first_response_target_minutes) ELSE '' END AS by
     FROM tenants WHERE id = $1`,
    [tenantId, zone, knowsHours],
  );
  const by = made[0]?.by ?? zone;
  // Without statistics the planner takes each part for one row, and goes through all of it for each row of another.
  await db.query(`SELECT set_config('enable_nestloop', 'off', true)`);
  const differences = await db.query<RecountDifference>(differenceSql(records, stale), [
    tenantId,
    zone,
    kind,
    statementVersion,
    by,
  ]);
  await db.query(`SELECT set_config('enable_nestloop', 'on', true)`);
  const versions = await db.query<{ version: number; today: boolean; statements: number }>(
    `WITH stale (id) AS (${stale})
     SELECT CASE WHEN s.id IS NULL THEN f.statement_version ELSE 0 END AS version,
       s.id IS NULL AND f.statement_version = $3 AND f.zone = $4 AS today, count(*)::int AS statements
     FROM fact_current f LEFT JOIN stale s ON s.id = f.entity_id
     WHERE f.tenant_id = $1 AND f.kind = $2 AND f.statement IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`,
    [tenantId, kind, statementVersion, by],
  );
  return {
    compared: versions.rows.find(({ today }) => today)?.statements ?? 0,
    differences: differences.rows,
    older: versions.rows
      .filter(({ today }) => !today)
      .map(({ version, statements }) => ({ version, statements })),
  };
}

const noneStale = 'SELECT NULL::uuid WHERE false';

const differenceSql = (records: string, stale: string) => `
WITH ${openingSql}, ${records}, stale (id) AS (${stale}), timed AS (
  SELECT r.*, r.at AT TIME ZONE $2 AS local,
    r.at - (r.at AT TIME ZONE $2 - date_trunc('hour', r.at AT TIME ZONE $2)) AS full_hour
  FROM records r
), told AS (
  SELECT t.id, t.basis, t.spans, t.phone, to_char(t.local, 'YYYY-MM-DD') AS day, t.counted || jsonb_build_object(
    'occurred_at', to_char(t.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
    -- Where clocks were changed since the full hour, the hour that they show now began with the change.
    'hour_start', to_char(CASE WHEN t.full_hour AT TIME ZONE $2 = date_trunc('hour', t.local) THEN t.full_hour ELSE (
      SELECT min(m) FROM generate_series(t.full_hour, t.at, interval '1 minute') m
      WHERE m AT TIME ZONE $2 - m AT TIME ZONE 'UTC' = t.local - t.at AT TIME ZONE 'UTC') END AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
    'local_date', to_char(t.local, 'YYYY-MM-DD'),
    'local_hour', extract(hour FROM t.local)::int,
    'local_weekday', extract(isodow FROM t.local)::int,
    'statement_version', $4::int) AS counted
  FROM timed t
), stated AS (
  SELECT entity_id AS id, basis, statement, statement_version, zone FROM fact_current
  WHERE tenant_id = $1 AND kind = $3 AND statement IS NOT NULL
), known AS (
  SELECT r.phone, s.statement ->> 'contact' AS contact FROM told r JOIN stated s ON s.id = r.id AND s.basis = r.basis WHERE r.phone IS NOT NULL
), contacts AS (
  SELECT phone, mode() WITHIN GROUP (ORDER BY contact) AS contact FROM known GROUP BY phone
), phones AS (
  SELECT contact, mode() WITHIN GROUP (ORDER BY phone) AS phone FROM known GROUP BY contact
), compared AS (
  SELECT coalesce(r.day, s.statement ->> 'local_date') AS day, CASE
      WHEN s.id IS NULL THEN ARRAY['statement']
      WHEN r.id IS NULL THEN ARRAY['record']
      ELSE ARRAY(
        SELECT key FROM jsonb_each(r.counted) WHERE s.statement -> key IS DISTINCT FROM value
        UNION ALL
        SELECT key FROM jsonb_object_keys(s.statement) key WHERE NOT (r.counted ? key OR r.spans ? key OR key = 'contact')
        UNION ALL
        SELECT key FROM jsonb_each(r.spans) WHERE EXISTS (
          SELECT FROM (
            SELECT floor(v::numeric + 0.5)::float8 AS v, row_number() OVER (ORDER BY v::numeric) AS k
            FROM jsonb_array_elements_text(value) v WHERE v IS NOT NULL) a
          FULL JOIN (
            SELECT b::int AS b, row_number() OVER (ORDER BY b::int) AS k
            FROM jsonb_array_elements_text(s.statement -> key) b) b USING (k)
          -- Bucket b above 0 holds what is above g^(b-2) and at most g^(b-1), where g = 1.01 / 0.99; below 0 mirrored; 0 holds 0.
          WHERE NOT coalesce(CASE WHEN abs(v) < 1 THEN b = 0 WHEN sign(v) = sign(b) AND abs(b) <= 5000 THEN
            abs(v) * 1.000001 > (1.01::float8 / 0.99) ^ (abs(b) - 2) AND abs(v) * 0.999999 <= (1.01::float8 / 0.99) ^ (abs(b) - 1) END, false))
        UNION ALL
        SELECT 'contact' WHERE s.statement ? 'contact' AND CASE WHEN r.phone IS NULL
          THEN s.statement ->> 'contact' <> '00000000-0000-0000-0000-000000000000'
          ELSE s.statement ->> 'contact' IN ('00000000-0000-0000-0000-000000000000', '')
            OR c.contact IS DISTINCT FROM s.statement ->> 'contact' OR p.phone IS DISTINCT FROM r.phone END)
    END AS columns
  FROM told r FULL JOIN stated s ON s.id = r.id AND s.basis = r.basis
  LEFT JOIN contacts c ON c.phone = r.phone LEFT JOIN phones p ON p.contact = s.statement ->> 'contact'
  WHERE s.id IS NULL OR r.id IS NULL OR (s.statement_version = $4 AND s.zone = $5 AND s.id NOT IN (SELECT id FROM stale))
)
SELECT day, count(*)::int AS calls,
  (SELECT array_agg(DISTINCT c ORDER BY c) FROM compared x, unnest(x.columns) c WHERE x.day = d.day) AS columns
FROM compared d WHERE cardinality(columns) > 0 GROUP BY day ORDER BY day LIMIT 1000`;
