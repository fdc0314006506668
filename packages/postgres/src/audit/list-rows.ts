import type { Queryable } from '../pool.ts';

export interface AuditFilter {
  from?: Date;
  /** The first instant that no longer counts. */
  to?: Date;
  actorId?: string;
  /** Whole, e.g. `call.view`, or up to its dot: `call`. */
  action?: string;
  entityId?: string;
}

export interface AuditRow {
  id: number;
  at: Date;
  actor_kind: string;
  actor_id: string;
  action: string;
  entity_kind: string | null;
  entity_id: string | null;
  request_id: string | null;
  details: Record<string, unknown>;
}

/** The newest rows of a tenant's audit log that match, newest first. */
export async function listAuditRows(
  client: Queryable,
  tenantId: string,
  { from, to, actorId, action, entityId }: AuditFilter,
  limit: number,
): Promise<AuditRow[]> {
  const { rows } = await client.query<AuditRow>(
    `SELECT id, at, actor_kind, actor_id, action, entity_kind, entity_id, request_id, details FROM audit_log
     WHERE tenant_id = $1 AND ($2::timestamptz IS NULL OR at >= $2) AND ($3::timestamptz IS NULL OR at < $3)
       AND ($4::text IS NULL OR actor_id = $4) AND ($5::text IS NULL OR action = $5 OR starts_with(action, $5 || '.'))
       AND ($6::uuid IS NULL OR entity_id = $6)
     ORDER BY id DESC LIMIT $7`,
    [tenantId, from ?? null, to ?? null, actorId ?? null, action ?? null, entityId ?? null, limit],
  );
  return rows;
}
