import type { AuditListOptions, AuditRow } from '@switchboard/postgres/api/audit-list';
import { z } from 'zod';
import { cursorParameter, instantInCursor } from '../paging/cursor.ts';
import { instantOf, line, moment, whole } from '../paging/parameters.ts';

/** Parameters of `GET /audit`. */
export const auditQuery = z.strictObject({
  actor_kind: z.enum(['user', 'api_key', 'system']).optional(),
  actor_id: line(100).optional().describe('Who: the user’s or key’s id.'),
  action: z
    .string()
    .regex(/^[a-z_]+(\.[a-z_]+)*$/, 'must be an action, e.g. patient.view, or its beginning, e.g. patient')
    .max(100)
    .optional(),
  entity_kind: line(50).optional(),
  entity_id: z.uuid().optional().describe('Who has seen or changed this record.'),
  from: moment.describe('Then or later; a date is the clinic’s.'),
  to: moment.describe('Before; a date counts to its end.'),
  limit: whole(500, 1).default(100),
  cursor: cursorParameter(z.strictObject({ at: instantInCursor, id: z.int() })),
});

export type AuditQuery = z.infer<typeof auditQuery>;

export const auditEntry = z.object({
  id: z.number(),
  at: z.string(),
  actor: z.object({
    kind: z.string(),
    id: z.string(),
    name: z.string().nullable().describe('Of a user of the clinic.'),
  }),
  action: z.string(),
  entity: z.object({ kind: z.string(), id: z.string() }).nullable(),
  request_id: z.string().nullable(),
  details: z.record(z.string(), z.unknown()).describe('How; never a value that tells of a patient.'),
});

export const auditList = z.object({ entries: z.array(auditEntry), next_cursor: z.string().nullable() });

/** The query in terms of the log. One row more than a page tells of the next. */
export function toAuditListOptions(query: AuditQuery, zone: string): AuditListOptions {
  return {
    filter: {
      actorKind: query.actor_kind,
      actorId: query.actor_id,
      action: query.action,
      entityKind: query.entity_kind,
      entityId: query.entity_id,
      from: query.from === undefined ? undefined : instantOf(query.from, zone, 0),
      to: query.to === undefined ? undefined : instantOf(query.to, zone, 1),
    },
    limit: query.limit + 1,
    after: query.cursor,
  };
}

export function presentAuditEntry(row: AuditRow): z.infer<typeof auditEntry> {
  const { entity_kind: kind, entity_id: entityId } = row;
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    action: row.action,
    entity: kind === null || entityId === null ? null : { kind, id: entityId },
    request_id: row.request_id,
    details: row.details,
  };
}
