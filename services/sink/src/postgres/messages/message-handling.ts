import type { MessageEnriched } from '@switchboard/schemas';
import type { EventHandlerOptions } from '../consume-events.ts';
import type { WriteOptions } from '../write-events.ts';
import { writeMessagingEvents } from './write-messaging-events.ts';

/** What the handler of events needs to know of messages. */
export function messageHandling(
  options: WriteOptions,
): Pick<EventHandlerOptions<MessageEnriched>, 'tenantOf' | 'write'> {
  return {
    tenantOf: ({ event }) => event.tenant_id,
    write: (tenant, events) => writeMessagingEvents(options, tenant, events),
  };
}
