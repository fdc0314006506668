import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { IncomingBatch, IncomingMessage } from './consumer-types.ts';

export interface SliceLimits {
  maxMessages: number;
  maxBytes: number;
}

/** Cuts what one fetch brought into batches of bounded size, in order. */
export function* sliceBatch(
  fetched: { topic: string; partition: number; messages: readonly KafkaMessage[] },
  limits: SliceLimits,
): Generator<IncomingBatch> {
  let messages: IncomingMessage[] = [];
  let bytes = 0;
  for (const raw of fetched.messages) {
    const message = incoming(raw, fetched.partition);
    const full = messages.length >= limits.maxMessages || bytes + message.value.length > limits.maxBytes;
    if (full && messages.length > 0) {
      yield batchOf(fetched, messages);
      messages = [];
      bytes = 0;
    }
    messages.push(message);
    bytes += message.value.length;
  }
  if (messages.length > 0) yield batchOf(fetched, messages);
}

function batchOf(
  { topic, partition }: { topic: string; partition: number },
  messages: IncomingMessage[],
): IncomingBatch {
  const firstOffset = messages[0]?.offset ?? '';
  const lastOffset = messages.at(-1)?.offset ?? '';
  return { topic, partition, messages, firstOffset, lastOffset };
}

function incoming(
  { key, value, headers, offset, timestamp }: KafkaMessage,
  partition: number,
): IncomingMessage {
  return {
    key: key === null ? null : key.toString('utf8'),
    value: value ?? Buffer.alloc(0),
    headers: plainHeaders(headers ?? {}),
    partition,
    offset,
    timestamp: Number(timestamp),
  };
}

/** Of a header given several times, the last. */
function plainHeaders(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      String(Array.isArray(value) ? value.at(-1) : value),
    ]),
  );
}
