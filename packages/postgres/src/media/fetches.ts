import type { Queryable } from '../pool.ts';
import { allKinds, type FetchedKind, kinds } from './kinds.ts';

/** One fetch to be made by whoever claimed it. */
export interface ClaimedFetch {
  tenantId: string;
  kind: FetchedKind;
  /** The call's or the message's id. */
  entityId: string;
  /** Of the file in its message; 0 for recordings. */
  position: number;
  claim: string;
  url: string;
  /** The host as it is spelled in the address, in lower case: what `busyHosts` is compared with. Empty: of an odd address. */
  spelledHost: string;
  /** What the vendor told; null where it didn't. */
  declaredType: string | null;
  declaredSha256: string | null;
  /** Of the call or message, e.g. `twilio`. */
  source: string;
  /** This attempt's number, from 1. */
  attempt: number;
  /** When the clinic no longer keeps it; null: never. */
  expiresAt: Date | null;
  /** Hosts that the clinic allows. */
  hosts: string[];
}

export interface ClaimOptions {
  /** Hosts that have enough to do, by each way in which they are spelled. */
  busyHosts: readonly string[];
  /** Only what was never tried. */
  freshOnly: boolean;
  /** A claim that is not ended after so long is another's to take. */
  leaseMs: number;
}

/** Active clinics with something to fetch, or to be made of what was fetched. */
export async function tenantsWithFilesDue(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ tenant_id: string }>('SELECT tenant_id FROM tenants_with_files_due()');
  return rows.map((row) => row.tenant_id);
}

/** Claims the fetch of the open transaction's tenant that is due first, recordings before media. The attempt counts at once. */
export async function claimFetch(
  client: Queryable,
  tenantId: string,
  options: ClaimOptions,
): Promise<ClaimedFetch | undefined> {
  for (const kind of allKinds) {
    const { rows } = await client.query<Omit<ClaimedFetch, 'tenantId' | 'kind'>>(claimSql[kind], [
      tenantId,
      options.busyHosts,
      options.freshOnly,
      options.leaseMs,
    ]);
    if (rows[0]) return { ...rows[0], tenantId, kind };
  }
  return undefined;
}

/** Marks a claimed fetch as failed. @param nextAttemptAt when it is tried again; null: no more */
export async function markFetchFailed(
  client: Queryable,
  fetch: ClaimedFetch,
  failure: string,
  nextAttemptAt: Date | null,
): Promise<void> {
  await update(
    client,
    fetch,
    `state = CASE WHEN $5::timestamptz IS NULL THEN 'failed' ELSE 'pending' END, failure = $6, claim = NULL,
     next_attempt_at = coalesce($5, x.next_attempt_at)`,
    [nextAttemptAt, failure],
  );
}

/** Gives a claimed fetch back as if it had not been begun. @param at when it may be claimed again */
export async function releaseFetch(client: Queryable, fetch: ClaimedFetch, at: Date): Promise<void> {
  await update(client, fetch, 'claim = NULL, next_attempt_at = $5, attempts = greatest(0, x.attempts - 1)', [
    at,
  ]);
}

/** Marks what is older than the clinic keeps it, and was never fetched. */
export async function markFetchExpired(client: Queryable, fetch: ClaimedFetch): Promise<void> {
  await update(client, fetch, `state = 'expired', claim = NULL, failure = NULL, expires_at = $5`, [
    fetch.expiresAt,
  ]);
}

/** Links a claimed fetch to its file. @returns false when the claim was another's meanwhile */
export async function linkFile(client: Queryable, fetch: ClaimedFetch, fileId: string): Promise<boolean> {
  return update(
    client,
    fetch,
    `state = 'stored', claim = NULL, failure = NULL, expires_at = $5, file_id = $6`,
    [fetch.expiresAt, fileId],
  );
}

async function update(
  client: Queryable,
  { kind, tenantId, entityId, position, claim }: ClaimedFetch,
  set: string,
  values: readonly unknown[] = [],
): Promise<boolean> {
  const { table, key } = kinds[kind];
  const { rowCount } = await client.query(
    `UPDATE ${table} x SET ${set} WHERE x.tenant_id = $1 AND ${key} AND x.claim = $4`,
    [tenantId, entityId, position, claim, ...values],
  );
  return rowCount === 1;
}

const hostOf = `lower(coalesce(substring(x.source_url FROM '(?i)^[a-z]+://(?:[^/?#@]*@)?([^/:?#]+)'), ''))`;

function claimSqlOf(kind: FetchedKind): string {
  const { table, entity, position, owner, ownerAt, retention, declaredType, source } = kinds[kind];
  return `
WITH due AS (
  SELECT ${entity} AS entity_id, ${position} AS position FROM ${table} x
  WHERE x.tenant_id = $1 AND x.state = 'pending' AND x.source_url IS NOT NULL AND x.next_attempt_at <= now()
    AND (x.attempts = 0 OR NOT $3) AND ${hostOf} <> ALL ($2::text[])
  ORDER BY x.next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE ${table} x SET claim = gen_random_uuid(), attempts = x.attempts + 1,
  next_attempt_at = now() + make_interval(secs => $4::float8 / 1000)
FROM due, ${owner} o, tenants t
WHERE x.tenant_id = $1 AND ${entity} = due.entity_id AND ${position} = due.position
  AND o.tenant_id = x.tenant_id AND o.id = due.entity_id AND t.id = x.tenant_id
RETURNING due.entity_id AS "entityId", due.position, x.claim, x.source_url AS url, ${hostOf} AS "spelledHost", x.attempts AS attempt,
  ${declaredType} AS "declaredType", x.sha256 AS "declaredSha256", ${source} AS source, t.recording_hosts AS hosts,
  ${ownerAt} + make_interval(days => (t.retention_days ->> '${retention}')::int) AS "expiresAt"`;
}

const claimSql: Record<FetchedKind, string> = {
  recording: claimSqlOf('recording'),
  media: claimSqlOf('media'),
};
