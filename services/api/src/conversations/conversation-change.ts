import { conversationStates } from '@switchboard/postgres/api/conversation-list';
import type { ConversationChange } from '@switchboard/postgres/messaging/change-conversation';
import { z } from 'zod';
import { instant } from '../paging/parameters.ts';
import { label } from './conversation-query.ts';

/** Body of `PATCH /conversations/{id}`. */
export const conversationPatch = z
  .strictObject({
    assignee_id: z.uuid().nullable().optional().describe('A user who may answer; null: nobody.'),
    status: z.enum(conversationStates).optional(),
    snoozed_until: instant.optional().describe('With `status` snoozed: then it is open again by itself.'),
    resolved_at: instant
      .optional()
      .describe('With `status` resolved: when it was, unless now; no earlier than its last message.'),
    labels: z
      .array(label)
      .max(20)
      .transform((labels) => [...new Set(labels)].sort())
      .optional()
      .describe('All it has from now on.'),
    read: z
      .union([z.literal(true), z.uuid()])
      .optional()
      .describe('True, or the last message that was seen: what came after it stays unread.'),
    version: z.int().min(1).optional().describe('The same as `If-Match`.'),
  })
  .refine(({ status, snoozed_until }) => (status === 'snoozed') === (snoozed_until !== undefined), {
    path: ['snoozed_until'],
    error: 'must be given with the status snoozed, and only with it',
  })
  .refine(({ status, resolved_at }) => resolved_at === undefined || status === 'resolved', {
    path: ['resolved_at'],
    error: 'must be given only with the status resolved',
  })
  .refine(({ version: _, ...fields }) => Object.values(fields).some((value) => value !== undefined), {
    path: [],
    error: 'must be one field or more',
  });

/** Who changes may say which version that is made from. */
export const ifMatch = z.looseObject({
  'if-match': z
    .string()
    .regex(/^"[1-9]\d{0,8}"$/, 'must be the ETag of an answer')
    .optional(),
});

export function versionOf(etag: string | undefined): number | undefined {
  return etag === undefined ? undefined : Number(etag.slice(1, -1));
}

/** The body in terms of the records. */
export function toChange(body: z.infer<typeof conversationPatch>): ConversationChange {
  const { assignee_id: assigneeId, labels, read } = body;
  return {
    assigneeId,
    state: stateOf(body),
    labels,
    read: typeof read === 'string' ? { upTo: read } : read,
  };
}

function stateOf({
  status,
  snoozed_until: until,
  resolved_at: at,
}: z.infer<typeof conversationPatch>): ConversationChange['state'] {
  if (status === 'snoozed') return { to: status, until: new Date(until ?? 0) };
  if (status === 'resolved') return { to: status, at: at === undefined ? undefined : new Date(at) };
  return status && { to: status };
}
