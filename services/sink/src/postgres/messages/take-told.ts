import { furtherStatus, type ToldStatus } from '@switchboard/domain/messaging/message-status';
import type { Client } from '@switchboard/postgres';
import {
  findMessage,
  keepTold,
  loadTold,
  setEdited,
  setStatus,
  type ToldMessage,
} from '@switchboard/postgres/messaging/told-messages';
import type { MessageReceived } from '@switchboard/schemas';
import type { TakenMessage } from './taken-message.ts';

/**
 * Takes what is told of a message besides itself: how far it got, or how it reads after an edit. It is kept, too, for a
 * message that is not there yet.
 */
export async function takeTold(
  client: Client,
  tenantId: string,
  event: MessageReceived,
): Promise<TakenMessage> {
  const { source } = event;
  const edits = event.event_type === 'message.edited';
  const externalId = edits ? (event.target_message_id ?? event.message_id) : event.message_id;
  const known = await loadTold(client, tenantId, source, externalId);
  const told = edits
    ? { ...known, edit: laterEdit(known.edit, event) }
    : { ...known, status: further(known, event) };
  await keepTold(client, tenantId, source, externalId, told);
  const message = await findMessage(client, tenantId, { source, externalId, sendId: event.send_id });
  if (!message) return { messages: [], conversationId: null, phone: null, told: [] };
  const { id, conversationId } = message;
  let changed = false;
  if (told.status) {
    const status = message.status ? furtherStatus(message.status, told.status) : told.status;
    changed = await setStatus(client, tenantId, id, status, { source, externalId });
  }
  if (edits && told.edit) await setEdited(client, tenantId, id, told.edit);
  return {
    messages: [id],
    conversationId,
    phone: null,
    told: changed || edits ? [{ kind: edits ? 'message' : 'status', messageId: id }] : [],
  };
}

function further({ status }: ToldMessage, event: MessageReceived): ToldStatus | null {
  if (event.status === null) return status;
  const said = {
    status: event.status,
    at: event.occurred_at ?? event.received_at,
    errorCode: event.error_code,
  };
  return status ? furtherStatus(status, said) : said;
}

function laterEdit(known: ToldMessage['edit'], event: MessageReceived): ToldMessage['edit'] {
  const said = { body: event.body, at: event.occurred_at ?? event.received_at, id: event.event_id };
  if (!known) return said;
  return known.at > said.at || (known.at === said.at && known.id > said.id) ? known : said;
}
