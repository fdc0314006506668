import type { Client } from '@switchboard/postgres';
import { isOptOut, noteOptOut } from '@switchboard/postgres/messaging/contact-conversations';
import { nameMessage } from '@switchboard/postgres/messaging/name-message';
import { findMessage, keepTold, setEdited, setFurther } from '@switchboard/postgres/messaging/told-messages';
import type { MessageEnriched } from '@switchboard/schemas';
import { editedOf } from './message-columns.ts';
import { nothingTaken, type TakenMessage } from './taken-message.ts';

/**
 * Takes what is told of a message besides itself: how far it got, or how it reads after an edit. It is kept for a message
 * that is not there yet.
 */
export async function takeTold(
  client: Client,
  tenantId: string,
  enriched: MessageEnriched,
): Promise<TakenMessage> {
  const { event } = enriched;
  const at = event.occurred_at ?? event.received_at;
  const isEdit = event.event_type === 'message.edited';
  const externalId = isEdit ? (event.target_message_id ?? event.message_id) : event.message_id;
  const vendor = { source: event.source, externalId };
  const edit = isEdit ? { said: editedOf(enriched), at, id: event.event_id } : null;
  const status =
    !isEdit && event.status !== null ? { status: event.status, at, errorCode: event.error_code } : null;
  const message = await findMessage(client, tenantId, { ...vendor, sendId: event.send_id });
  if (!message) {
    if (status || edit) await keepTold(client, tenantId, vendor, { status, edit });
    return nothingTaken;
  }
  const { id, conversationId } = message;
  const isFurther = status !== null && (await setFurther(client, tenantId, message, status));
  if (isFurther && isOptOut(status)) await noteOptOut(client, tenantId, conversationId);
  const isEdited = edit !== null && (await setEdited(client, tenantId, message, edit));
  const linked = message.isNamed ? [] : await nameMessage(client, tenantId, id, vendor);
  const kind = isEdited ? 'message' : 'status';
  return {
    ...nothingTaken,
    messages: [id, ...linked],
    conversations: [conversationId],
    told: isFurther || isEdited || !message.isNamed ? [{ conversationId, kind, messageId: id }] : [],
    unsettled: isEdited ? { results: conversationId } : {},
  };
}
