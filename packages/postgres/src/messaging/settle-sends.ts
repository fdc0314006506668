import { eventId } from '@switchboard/domain/ids';
import type { MessageStatus } from '@switchboard/domain/messaging/twilio-event-id';
import { SwitchboardError } from '@switchboard/platform';
import { type StateContext, stateTouched } from '../facts/state-touched.ts';
import { type Client, lockTenant } from '../pool.ts';
import { loadTenantSettings } from '../tenants.ts';
import { isOptOut, noteOptOut } from './contact-conversations.ts';
import { takeName } from './name-message.ts';
import { notifyInbox } from './notify.ts';
import type { ClaimedSend } from './sends.ts';
import { catchUp } from './told-messages.ts';

export type SendOutcome =
  /** The vendor has it under this id. */
  | { state: 'sent'; sid: string; status: MessageStatus | null; errorCode: string | null }
  /** It did not go out, and will not. */
  | { state: 'failed'; errorCode: string }
  /** Nobody knows whether it went out; it is not sent again by itself. */
  | { state: 'unknown'; errorCode: string };

/** From which states a send comes to an end: that the vendor has it is believed late, too. */
const before = {
  sent: ['sending', 'unknown'],
  failed: ['sending'],
  unknown: ['sending'],
} as const;

/**
 * Ends a send in the open transaction, under the tenant's lock: the send, the message with its status, and the facts of it;
 * who watches the inbox is told.
 * A status that a callback brought before is further on, and stays.
 * @returns false when another had ended it
 */
export async function settleSend(
  client: Client,
  pseudonymKey: Buffer,
  { tenantId, messageId, attempt }: Pick<ClaimedSend, 'tenantId' | 'messageId' | 'attempt'>,
  outcome: SendOutcome,
): Promise<boolean> {
  await lockTenant(client, tenantId);
  const { rows } = await client.query<{ conversationId: string }>(
    `UPDATE message_sends SET state = $4, error_code = $5, sending_since = NULL
     WHERE tenant_id = $1 AND message_id = $2 AND attempts = $3 AND state = ANY ($6::text[])
     RETURNING conversation_id AS "conversationId"`,
    [tenantId, messageId, attempt, outcome.state, outcome.errorCode, before[outcome.state]],
  );
  const conversationId = rows[0]?.conversationId;
  if (conversationId === undefined) return false;
  const messages = [messageId];
  if (outcome.state === 'sent')
    messages.push(
      ...(await takeName(client, tenantId, messageId, { source: 'twilio', externalId: outcome.sid })),
    );
  const status = outcome.state === 'sent' ? outcome.status : outcome.state;
  if (status !== null) {
    await client.query(
      `UPDATE conversation_messages SET status = $3, status_at = now(), error_code = $4
       WHERE tenant_id = $1 AND id = $2 AND coalesce(status, 'queued') IN ('queued', 'unknown')
         AND NOT ($3 = 'unknown' AND external_id IS NOT NULL)`,
      [tenantId, messageId, status, outcome.errorCode],
    );
  }
  if (outcome.state === 'failed' && isOptOut(outcome)) await noteOptOut(client, tenantId, conversationId);
  if (outcome.state === 'sent')
    messages.push(...(await catchUp(client, tenantId, { source: 'twilio', externalId: outcome.sid })));
  await stateTouched(client, await contextOf(client, pseudonymKey, tenantId, messageId, outcome.state), {
    messages,
  });
  await notifyInbox(client, [{ tenantId, conversationId, kind: 'status', messageId }]);
  return true;
}

async function contextOf(
  client: Client,
  pseudonymKey: Buffer,
  tenantId: string,
  messageId: string,
  state: string,
): Promise<StateContext> {
  const tenant = (await loadTenantSettings(client, [tenantId])).get(tenantId);
  if (!tenant) throw new SwitchboardError('tenant_unknown', `there is no tenant ${tenantId}`);
  const cause = {
    eventId: eventId(tenantId, 'switchboard', 'message.send', messageId, state),
    traceparent: null,
  };
  return { tenant, pseudonymKey, cause };
}
