import type { Client } from '@switchboard/postgres';
import { stateTouched } from '@switchboard/postgres/facts/state-touched';
import { notifyInbox } from '@switchboard/postgres/messaging/notify';
import { loadRecordRules } from '@switchboard/postgres/records/record-states';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import type { MessageEnriched } from '@switchboard/schemas';
import type { TakenEvent } from '../changed-call.ts';
import { matchConversations } from '../records/match-conversations.ts';
import type { WriteOptions } from '../write-events.ts';
import { writeNewEvents } from '../write-new-events.ts';
import { takeMessage } from './take-message.ts';
import { takeTold } from './take-told.ts';
import { settleTaken, type TakenMessage } from './taken-message.ts';

export type MessagingEvent = TakenEvent<MessageEnriched>;

/**
 * Writes one tenant's events of messages in one transaction, one after the other: messages and their conversations, how far
 * they got, what hangs on them, and the facts of all of it. Whatever the order and however often they come, they end in
 * the same. Events that were taken before do nothing.
 * @returns those of the events that were new
 */
export function writeMessagingEvents(
  options: WriteOptions,
  tenant: TenantSettings,
  events: readonly MessagingEvent[],
): Promise<readonly MessagingEvent[]> {
  const idOf = ({ event }: MessagingEvent) => event.event_id;
  return writeNewEvents(options.pool, tenant.tenantId, events, idOf, (client, fresh) =>
    writeFresh(client, options, tenant, fresh),
  );
}

async function writeFresh(
  client: Client,
  { pseudonymKey, now }: WriteOptions,
  tenant: TenantSettings,
  events: readonly MessagingEvent[],
): Promise<void> {
  const { tenantId } = tenant;
  const { reopenDays } = await loadRecordRules(client, tenantId);
  const causes = new Map<string, ReturnType<typeof causeOf>>();
  const taken: TakenMessage[] = [];
  for (const one of events) {
    const { event_type: type } = one.event.event;
    const done =
      type === 'message.received'
        ? await takeMessage(client, tenantId, one.event, reopenDays, now)
        : await takeTold(client, tenantId, one.event);
    for (const id of [...done.messages, ...done.conversations]) causes.set(id, causeOf(one));
    taken.push(done);
  }
  const settled = await settleTaken(client, tenantId, taken);
  const phones = taken.flatMap(({ phone }) => phone ?? []);
  const matched = await matchConversations(client, tenant, phones, now);
  const last = events.at(-1);
  if (!last) return;
  await stateTouched(
    client,
    { tenant, pseudonymKey, cause: causeOf(last), causeOf: (id) => causes.get(id) },
    {
      patients: matched.patients,
      messages: taken.flatMap(({ messages }) => messages),
      conversations: [...taken.flatMap(({ conversations }) => conversations), ...matched.conversations],
    },
  );
  await notifyInbox(
    client,
    [...taken.flatMap(({ told }) => told), ...settled].map((change) => ({ tenantId, ...change })),
  );
}

function causeOf({ event, traceparent }: MessagingEvent): { eventId: string; traceparent: string | null } {
  return { eventId: event.event.event_id, traceparent };
}
