import type { Queryable } from '../pool.ts';

export interface AuditFilter {
  actorKind?: string;
  actorId?: string;
  /** The action, or what it begins with: `patient` finds `patient.view`. */
  action?: string;
  entityKind?: string;
  entityId?: string;
  from?: Date;
  /** The first instant that no longer counts. */
  to?: Date;
}

export interface AuditRow {
  id: number;
  at: Date;
  /** `at` to the microsecond, as the next page's place. */
  place: string;
  actor_kind: string;
  actor_id: string;
  /** Of a user of the clinic. */
  actor_name: string | null;
  action: string;
  entity_kind: string | null;
  entity_id: string | null;
  request_id: string | null;
  details: Record<string, unknown>;
}

export interface AuditListOptions {
  filter: AuditFilter;
  limit: number;
  /** What was shown last. */
  after?: { at: string; id: number };
}

/** What was done in the open transaction's tenant, newest first. */
export async function listAudit(
  db: Queryable,
  tenantId: string,
  { filter, limit, after }: AuditListOptions,
): Promise<AuditRow[]> {
  const values: unknown[] = [tenantId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const where = ['l.tenant_id = $1'];
  for (const [column, value] of [
    ['actor_kind', filter.actorKind],
    ['actor_id', filter.actorId],
    ['entity_kind', filter.entityKind],
    ['entity_id', filter.entityId],
  ] as const)
    if (value !== undefined) where.push(`l.${column} = ${add(value)}`);
  if (filter.action !== undefined) {
    const action = add(filter.action);
    where.push(`(l.action = ${action} OR starts_with(l.action, ${action} || '.'))`);
  }
  if (filter.from) where.push(`l.at >= ${add(filter.from)}`);
  if (filter.to) where.push(`l.at < ${add(filter.to)}`);
  if (after) where.push(`(l.at, l.id) < (${add(after.at)}::timestamptz, ${add(after.id)}::bigint)`);
  const { rows } = await db.query<AuditRow>(
    `SELECT l.id, l.at, l.at::text AS place, l.actor_kind, l.actor_id, u.display_name AS actor_name, l.action,
       l.entity_kind, l.entity_id, l.request_id, l.details
     FROM audit_log l
     LEFT JOIN users u ON l.actor_kind = 'user' AND u.tenant_id = l.tenant_id AND u.id::text = l.actor_id
     WHERE ${where.join(' AND ')} ORDER BY l.at DESC, l.id DESC LIMIT ${add(limit)}`,
    values,
  );
  return rows;
}
