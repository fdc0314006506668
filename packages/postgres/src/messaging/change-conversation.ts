import { type StateContext, stateTouched } from '../facts/state-touched.ts';
import { type Client, lockTenant } from '../pool.ts';
import { type InboxChange, type InboxChangeKind, notifyInbox } from './notify.ts';

export type ConversationState = 'open' | 'pending' | 'snoozed' | 'resolved';

/** What people decide of a conversation; what is not given stays. */
export interface ConversationChange {
  assigneeId?: string | null;
  /** With a snooze, until when; of what is resolved, since when, if not since now. */
  state?:
    | { to: 'open' | 'pending' }
    | { to: 'resolved'; at?: Date | undefined }
    | { to: 'snoozed'; until: Date };
  labels?: readonly string[];
  /** Everything, or what came no later than this message. */
  read?: true | { upTo: string };
}

export interface ConversationChangeOptions {
  conversationId: string;
  change: ConversationChange;
  /** The version that the change was decided upon; nothing is changed if it is another. */
  expectedVersion?: number;
  at: Date;
}

/** `unchanged`: it was so already. */
export type ChangeOutcome = 'changed' | 'unchanged' | 'unknown' | 'stale';

interface Current {
  state: ConversationState;
  assignee_id: string | null;
  labels: string[];
  snoozed_until: Date | null;
  unread: number;
  version: number;
}

/**
 * Changes a conversation under the tenant's lock, states its facts anew and tells the inbox. The version counts what was
 * decided, not what was read. What is resolved has been read.
 */
export async function changeConversation(
  client: Client,
  context: StateContext,
  { conversationId, change, expectedVersion, at }: ConversationChangeOptions,
): Promise<ChangeOutcome> {
  const { tenantId } = context.tenant;
  await lockTenant(client, tenantId);
  const { rows } = await client.query<Current>(
    `SELECT state, assignee_id, labels, snoozed_until, unread, version FROM conversations
     WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
    [tenantId, conversationId],
  );
  const [current] = rows;
  if (!current) return 'unknown';
  if (expectedVersion !== undefined && expectedVersion !== current.version) return 'stale';
  const kinds = decidedKinds(current, change);
  const unread = await unreadAfter(client, tenantId, conversationId, current.unread, change);
  const isRead = unread !== current.unread;
  if (kinds.length === 0 && !isRead) return 'unchanged';
  const { state } = change;
  await client.query(
    `UPDATE conversations SET
       reopened = reopened + (state = 'resolved' AND $3 <> 'resolved')::int,
       resolved_at = CASE WHEN $3 <> 'resolved' THEN NULL WHEN state = 'resolved' THEN resolved_at
         ELSE greatest($8, last_message_at) END,
       state = $3, snoozed_until = $4, assignee_id = $5, labels = $6, unread = $7, version = version + $9
     WHERE tenant_id = $1 AND id = $2`,
    [
      tenantId,
      conversationId,
      state?.to ?? current.state,
      state === undefined ? current.snoozed_until : 'until' in state ? state.until : null,
      change.assigneeId === undefined ? current.assignee_id : change.assigneeId,
      change.labels ?? current.labels,
      unread,
      state?.to === 'resolved' ? (state.at ?? at) : at,
      kinds.length > 0 ? 1 : 0,
    ],
  );
  if (kinds.length > 0) await stateTouched(client, context, { conversations: [conversationId] });
  const told: InboxChangeKind[] = isRead ? [...kinds, 'read'] : kinds;
  await notifyInbox(
    client,
    told.map((kind): InboxChange => ({ tenantId, conversationId, kind, messageId: null })),
  );
  return 'changed';
}

function decidedKinds(
  current: Current,
  { assigneeId, state, labels }: ConversationChange,
): InboxChangeKind[] {
  const kinds: InboxChangeKind[] = [];
  if (assigneeId !== undefined && assigneeId !== current.assignee_id) kinds.push('assignment');
  if (state !== undefined) {
    const until = 'until' in state ? state.until.getTime() : undefined;
    if (state.to !== current.state || until !== current.snoozed_until?.getTime()) kinds.push('state');
  }
  if (labels !== undefined && labels.join('\n') !== current.labels.join('\n')) kinds.push('labels');
  return kinds;
}

async function unreadAfter(
  client: Client,
  tenantId: string,
  conversationId: string,
  unread: number,
  { read, state }: ConversationChange,
): Promise<number> {
  if (read === true || state?.to === 'resolved') return 0;
  if (read === undefined) return unread;
  const { rows } = await client.query<{ later: number }>(
    `SELECT (SELECT count(*)::int FROM conversation_messages n
       WHERE n.tenant_id = $1 AND n.conversation_id = $2 AND n.direction = 'inbound' AND NOT n.entered_in_error AND n.kind <> 'reaction'
         AND (n.sent_at, n.id) > (m.sent_at, m.id)) AS later
     FROM conversation_messages m WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND m.id = $3`,
    [tenantId, conversationId, read.upTo],
  );
  return Math.min(unread, rows[0]?.later ?? unread);
}
