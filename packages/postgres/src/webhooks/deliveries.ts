import type { Queryable } from '../pool.ts';

/** An endpoint that is to be told something now. */
export interface DueEndpoint {
  tenantId: string;
  endpointId: string;
  /** Its last attempt failed. */
  failing: boolean;
}

/** One attempt to be made by whoever claimed it. */
export interface ClaimedDelivery {
  tenantId: string;
  endpointId: string;
  /** The `webhook-id`. */
  id: string;
  claim: string;
  url: string;
  body: unknown;
  /** Attempts that were made before. */
  attempts: number;
  sealedSecret: Buffer;
  /** While a rotated secret still signs. */
  previousSealedSecret: Buffer | null;
}

export type DeliveryFault = 'timeout' | 'not_resolved' | 'address_refused' | 'not_connected' | 'tls_failed';

/** How an attempt ended that was not taken. */
export interface FailedAttempt {
  status: number | null;
  fault: DeliveryFault | null;
  /** When it is tried again; null: no more. */
  nextAttemptAt: Date | null;
  /** Until when the endpoint wants to be left alone. */
  notBefore: Date | null;
  /** The endpoint says that it is gone. */
  gone: boolean;
  /** An endpoint that has taken nothing since before this instant is paused. */
  pauseIfFailingSince: Date;
}

/** Every endpoint of every active clinic that is not paused and has something due. */
export async function dueEndpoints(db: Queryable): Promise<DueEndpoint[]> {
  const { rows } = await db.query<{ tenant_id: string; endpoint_id: string; failing: boolean }>(
    'SELECT tenant_id, endpoint_id, failing FROM due_webhook_endpoints()',
  );
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    endpointId: row.endpoint_id,
    failing: row.failing,
  }));
}

/**
 * Claims up to `most` due deliveries of an endpoint of the open transaction's tenant, oldest first, each the earliest of
 * its record that is not delivered yet. A claim that is not ended after `leaseMs` is another's to take.
 */
export async function claimDeliveries(
  client: Queryable,
  { tenantId, endpointId }: DueEndpoint,
  { most, leaseMs }: { most: number; leaseMs: number },
): Promise<ClaimedDelivery[]> {
  const { rows } = await client.query<ClaimedDelivery>(
    `WITH due AS (
       SELECT d.id FROM webhook_deliveries d
       WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.state = 'pending' AND d.next_attempt_at <= now()
         AND NOT EXISTS (SELECT FROM webhook_deliveries o
           WHERE o.tenant_id = d.tenant_id AND o.endpoint_id = d.endpoint_id AND o.entity_id = d.entity_id
             AND o.state = 'pending' AND (o.entity_version, o.id) < (d.entity_version, d.id))
       ORDER BY d.next_attempt_at, d.id LIMIT $3 FOR UPDATE SKIP LOCKED
     )
     UPDATE webhook_deliveries d
     SET claim = gen_random_uuid(), next_attempt_at = now() + make_interval(secs => $4::float8 / 1000)
     FROM due, webhook_endpoints e
     WHERE d.tenant_id = $1 AND d.id = due.id AND e.tenant_id = d.tenant_id AND e.id = d.endpoint_id AND e.paused_at IS NULL
     RETURNING d.tenant_id AS "tenantId", d.endpoint_id AS "endpointId", d.id, d.claim, e.url, d.body, d.attempts,
       e.sealed_secret AS "sealedSecret",
       CASE WHEN e.previous_secret_until > now() THEN e.previous_sealed_secret END AS "previousSealedSecret"`,
    [tenantId, endpointId, most, leaseMs],
  );
  return rows;
}

/** Marks a claimed delivery as taken by its receiver. @returns false when the claim was another's meanwhile */
export async function markDelivered(
  client: Queryable,
  { tenantId, endpointId, id, claim }: ClaimedDelivery,
  status: number,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE webhook_deliveries SET state = 'delivered', delivered_at = now(), attempts = attempts + 1, claim = NULL,
       last_status = $4, last_error = NULL
     WHERE tenant_id = $1 AND id = $2 AND claim = $3`,
    [tenantId, id, claim, status],
  );
  await client.query(
    `UPDATE webhook_endpoints SET failing_since = NULL, not_before = NULL
     WHERE tenant_id = $1 AND id = $2 AND (failing_since IS NOT NULL OR not_before IS NOT NULL)`,
    [tenantId, endpointId],
  );
  return rowCount === 1;
}

/**
 * Marks a claimed delivery as not taken, and pauses its endpoint where that is due.
 * @returns why the endpoint is paused now, if this attempt paused it
 */
export async function markFailed(
  client: Queryable,
  { tenantId, endpointId, id, claim }: ClaimedDelivery,
  attempt: FailedAttempt,
): Promise<'gone' | 'failing' | null> {
  const { rowCount } = await client.query(
    `UPDATE webhook_deliveries SET attempts = attempts + 1, claim = NULL, last_status = $4, last_error = $5,
       state = CASE WHEN $6::timestamptz IS NULL THEN 'failed' ELSE 'pending' END,
       next_attempt_at = coalesce($6, next_attempt_at)
     WHERE tenant_id = $1 AND id = $2 AND claim = $3`,
    [tenantId, id, claim, attempt.status, attempt.fault, attempt.nextAttemptAt],
  );
  if (rowCount !== 1) return null;
  const { rows } = await client.query<{ paused_reason: 'gone' | 'failing' | null }>(
    `UPDATE webhook_endpoints SET failing_since = coalesce(failing_since, now()), not_before = greatest(not_before, $3),
       paused_at = CASE WHEN $4 OR failing_since < $5 THEN now() END,
       paused_reason = CASE WHEN $4 THEN 'gone' WHEN failing_since < $5 THEN 'failing' END
     WHERE tenant_id = $1 AND id = $2 AND paused_at IS NULL RETURNING paused_reason`,
    [tenantId, endpointId, attempt.notBefore, attempt.gone, attempt.pauseIfFailingSince],
  );
  return rows[0]?.paused_reason ?? null;
}
