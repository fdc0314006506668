import type { Queryable } from '../pool.ts';
import { wakeWebhooksSql } from './event-types.ts';

/** An endpoint, but for its secrets. */
export interface EndpointRow {
  id: string;
  url: string;
  event_types: string[];
  patient_names: boolean;
  paused_at: Date | null;
  paused_reason: 'gone' | 'failing' | 'by_user' | null;
  failing_since: Date | null;
  not_before: Date | null;
  previous_secret_until: Date | null;
  created_at: Date;
  updated_at: Date;
}

export interface EndpointChanges {
  url?: string;
  eventTypes?: readonly string[];
  patientNames?: boolean;
}

export interface StoredDelivery {
  id: string;
  event_type: string;
  entity_id: string;
  entity_version: number;
  state: 'pending' | 'delivered' | 'failed';
  attempts: number;
  next_attempt_at: Date;
  last_status: number | null;
  last_error: string | null;
  delivered_at: Date | null;
  created_at: Date;
}

const columns = `id, url, event_types, patient_names, paused_at, paused_reason, failing_since, not_before,
  CASE WHEN previous_secret_until > now() THEN previous_secret_until END AS previous_secret_until, created_at, updated_at`;

/** The endpoints of the open transaction's tenant, oldest first. */
export async function listEndpoints(client: Queryable, tenantId: string): Promise<EndpointRow[]> {
  const { rows } = await client.query<EndpointRow>(
    `SELECT ${columns} FROM webhook_endpoints WHERE tenant_id = $1 ORDER BY created_at, id`,
    [tenantId],
  );
  return rows;
}

/** Stores a new endpoint. `sealedSecret`: `whsec_…`, sealed by the platform's sealer. */
export async function addEndpoint(
  client: Queryable,
  tenantId: string,
  endpoint: Required<EndpointChanges> & { id: string; sealedSecret: Buffer },
): Promise<EndpointRow | undefined> {
  const { rows } = await client.query<EndpointRow>(
    `INSERT INTO webhook_endpoints (tenant_id, id, url, event_types, patient_names, sealed_secret)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${columns}`,
    [tenantId, endpoint.id, endpoint.url, endpoint.eventTypes, endpoint.patientNames, endpoint.sealedSecret],
  );
  return rows[0];
}

/** Changes what is given. @returns the endpoint; undefined: there is none with this id */
export async function changeEndpoint(
  client: Queryable,
  tenantId: string,
  id: string,
  { url, eventTypes, patientNames }: EndpointChanges,
): Promise<EndpointRow | undefined> {
  const { rows } = await client.query<EndpointRow>(
    `UPDATE webhook_endpoints SET url = coalesce($3, url), event_types = coalesce($4, event_types),
       patient_names = coalesce($5, patient_names)
     WHERE tenant_id = $1 AND id = $2 RETURNING ${columns}`,
    [tenantId, id, url ?? null, eventTypes ?? null, patientNames ?? null],
  );
  return rows[0];
}

/** Sends nothing more until {@link resumeEndpoint}; what is told meanwhile waits. */
export async function pauseEndpoint(
  client: Queryable,
  tenantId: string,
  id: string,
): Promise<EndpointRow | undefined> {
  const { rows } = await client.query<EndpointRow>(
    `UPDATE webhook_endpoints SET paused_at = coalesce(paused_at, now()), paused_reason = coalesce(paused_reason, 'by_user')
     WHERE tenant_id = $1 AND id = $2 RETURNING ${columns}`,
    [tenantId, id],
  );
  return rows[0];
}

/** Ends a pause, whatever its reason; what waits is due at once, but for attempts that are under way. */
export async function resumeEndpoint(
  client: Queryable,
  tenantId: string,
  id: string,
): Promise<EndpointRow | undefined> {
  const { rows } = await client.query<EndpointRow>(
    `UPDATE webhook_endpoints SET paused_at = NULL, paused_reason = NULL, failing_since = NULL, not_before = NULL
     WHERE tenant_id = $1 AND id = $2 RETURNING ${columns}`,
    [tenantId, id],
  );
  if (!rows[0]) return undefined;
  await client.query(
    `UPDATE webhook_deliveries SET next_attempt_at = now()
     WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'pending' AND claim IS NULL`,
    [tenantId, id],
  );
  await client.query(wakeWebhooksSql);
  return rows[0];
}

/** Replaces the secret; the one before signs beside it for `overlapHours`. */
export async function rotateSecret(
  client: Queryable,
  tenantId: string,
  id: string,
  { sealedSecret, overlapHours }: { sealedSecret: Buffer; overlapHours: number },
): Promise<EndpointRow | undefined> {
  const { rows } = await client.query<EndpointRow>(
    `UPDATE webhook_endpoints SET sealed_secret = $3, previous_secret_until = now() + make_interval(hours => $4)
     WHERE tenant_id = $1 AND id = $2 RETURNING ${columns}`,
    [tenantId, id, sealedSecret, overlapHours],
  );
  return rows[0];
}

/** Removes an endpoint and all that it was to be told. @returns whether it was there */
export async function removeEndpoint(client: Queryable, tenantId: string, id: string): Promise<boolean> {
  const { rowCount } = await client.query('DELETE FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2', [
    tenantId,
    id,
  ]);
  return rowCount === 1;
}

/** What an endpoint was told or is to be, newest first, without the bodies. */
export async function listDeliveries(
  client: Queryable,
  tenantId: string,
  endpointId: string,
  { state, limit, offset }: { state?: string; limit: number; offset: number },
): Promise<StoredDelivery[]> {
  const { rows } = await client.query<StoredDelivery>(
    `SELECT id, event_type, entity_id, entity_version, state, attempts, next_attempt_at, last_status, last_error,
       delivered_at, created_at
     FROM webhook_deliveries WHERE tenant_id = $1 AND endpoint_id = $2 AND ($3::text IS NULL OR state = $3)
     ORDER BY created_at DESC, id DESC LIMIT $4 OFFSET $5`,
    [tenantId, endpointId, state ?? null, limit, offset],
  );
  return rows;
}

/**
 * Makes a delivery that failed, or waits for its next attempt, due at once, with all its attempts before it.
 * @returns `retried`; `delivered` when there is nothing to retry; `overtaken` when a later version of its record was
 * delivered, or is on its way; `missing` when there is none
 */
export async function retryDelivery(
  client: Queryable,
  tenantId: string,
  endpointId: string,
  id: string,
): Promise<'retried' | 'delivered' | 'overtaken' | 'missing'> {
  // All of its record, so that none is claimed meanwhile.
  const { rows } = await client.query<DeliveryOfRecord>(
    `SELECT d.id, d.state, d.entity_version, d.claim FROM webhook_deliveries d
     WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.entity_id =
       (SELECT entity_id FROM webhook_deliveries WHERE tenant_id = $1 AND endpoint_id = $2 AND id = $3)
     ORDER BY d.id FOR UPDATE`,
    [tenantId, endpointId, id],
  );
  const wanted = rows.find((row) => row.id === id);
  if (!wanted) return 'missing';
  if (wanted.state === 'delivered') return 'delivered';
  const isOut = ({ state, claim }: DeliveryOfRecord) => state === 'delivered' || claim !== null;
  if (rows.some((row) => row.entity_version > wanted.entity_version && isOut(row))) return 'overtaken';
  await client.query(
    `UPDATE webhook_deliveries SET state = 'pending', attempts = 0,
       next_attempt_at = CASE WHEN claim IS NULL THEN now() ELSE next_attempt_at END
     WHERE tenant_id = $1 AND endpoint_id = $2 AND id = $3`,
    [tenantId, endpointId, id],
  );
  await client.query(wakeWebhooksSql);
  return 'retried';
}

interface DeliveryOfRecord {
  id: string;
  state: string;
  entity_version: number;
  claim: string | null;
}
