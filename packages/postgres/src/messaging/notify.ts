import type { Queryable } from '../pool.ts';

/** What changed in a conversation, as those who watch the inbox are told. */
export const inboxChangeKinds = [
  'message',
  'status',
  'assignment',
  'state',
  'labels',
  'read',
  'note',
] as const;
export type InboxChangeKind = (typeof inboxChangeKinds)[number];

/** Ids and kinds alone: what was written is read by who may read it. */
export interface InboxChange {
  tenantId: string;
  conversationId: string;
  kind: InboxChangeKind;
  messageId: string | null;
}

/** Channel of Postgres's NOTIFY on which changes of conversations are told. */
export const inboxChannel = 'switchboard_inbox';

/** Tells of changes when the open transaction commits; of a change told twice in it once. */
export async function notifyInbox(client: Queryable, changes: readonly InboxChange[]): Promise<void> {
  if (changes.length === 0) return;
  await client.query('SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload', [
    inboxChannel,
    changes.map(({ tenantId, conversationId, kind, messageId }) =>
      JSON.stringify({ tenant: tenantId, conversation: conversationId, kind, message: messageId }),
    ),
  ]);
}

/** A payload of {@link notifyInbox}; null if it is none: what changed is not known then. */
export function readInboxChange(payload: string): InboxChange | null {
  const parsed = jsonOf(payload);
  if (typeof parsed !== 'object' || parsed === null) return null;
  const [tenantId, conversationId, message] = ['tenant', 'conversation', 'message'].map((name) =>
    Reflect.get(parsed, name),
  );
  const kind = inboxChangeKinds.find((known) => known === Reflect.get(parsed, 'kind'));
  if (typeof tenantId !== 'string' || typeof conversationId !== 'string' || !kind) return null;
  return { tenantId, conversationId, kind, messageId: typeof message === 'string' ? message : null };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
