import type { Queryable } from '../pool.ts';

export interface AuditEntry {
  tenantId: string;
  actorKind: 'user' | 'api_key' | 'system';
  actorId: string;
  /** What was done, e.g. `call.view`. */
  action: string;
  entityKind?: string;
  entityId?: string;
  requestId: string;
  /** How it was done; never a value that tells of a patient. */
  details?: Readonly<Record<string, unknown>>;
}

/** Writes who did what, in the transaction that did it, so that nothing is seen without a trace. */
export async function writeAudit(db: Queryable, entry: AuditEntry): Promise<void> {
  await db.query(
    `INSERT INTO audit_log (tenant_id, actor_kind, actor_id, action, entity_kind, entity_id, request_id, details)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      entry.tenantId,
      entry.actorKind,
      entry.actorId,
      entry.action,
      entry.entityKind ?? null,
      entry.entityId ?? null,
      entry.requestId,
      JSON.stringify(entry.details ?? {}),
    ],
  );
}
