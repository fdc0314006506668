import { traceparentIn } from './avro-content.ts';
import { replayHeader } from './dead-letter.ts';
import type { Producer } from './producer.ts';
import { fullTopicName, topicOf } from './topics.ts';

/** A message that was on a topic before and could not go on. */
export interface SetAsideMessage {
  /** Without prefix. */
  topic: string;
  key: string | null;
  /** The very bytes. */
  body: Buffer;
  /** As it was set aside: with its trace, where it had one. */
  contentType: string;
  tenantId: string | null;
  eventId: string | null;
  /** When it came. */
  receivedAt: Date;
  replayId: string;
}

/**
 * Puts a message back on its topic as it was, under its own event id and trace; resolves when the broker has it.
 * @throws SwitchboardError `unknown_topic`, and what `Producer.send` throws
 */
export async function putBack(
  { producer, prefix }: { producer: Pick<Producer, 'send'>; prefix: string },
  message: SetAsideMessage,
): Promise<void> {
  const headers: Record<string, string> = {
    'received-at': message.receivedAt.toISOString(),
    [replayHeader]: message.replayId,
  };
  const traceparent = traceparentIn(message.contentType);
  if (traceparent) headers.traceparent = traceparent;
  if (message.eventId) headers['event-id'] = message.eventId;
  if (message.tenantId) headers['tenant-id'] = message.tenantId;
  await producer.send({
    topic: fullTopicName(prefix, topicOf(prefix, message.topic)),
    key: message.key,
    value: message.body,
    headers,
  });
}
