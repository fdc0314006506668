import type { Logger } from '@switchboard/platform';
import type { BrokerAccess } from './broker-access.ts';
import { createConnection } from './connection.ts';
import { watchPartitions } from './watch-partitions.ts';
import { withDeadline } from './with-deadline.ts';

export interface OutgoingMessage {
  /** Full name, prefix included. */
  topic: string;
  /** Events of one key keep their order. */
  key: string | Buffer | null;
  value: Buffer;
  headers?: Readonly<Record<string, string>>;
}

/** One kafkajs producer, used until something goes wrong with it. */
export interface ProducerSession {
  /** Resolves when every in-sync replica has all of them. One call at a time. */
  send(messages: readonly OutgoingMessage[]): Promise<void>;
  /** A small request to the broker and its answer. */
  ping(): Promise<void>;
  /** Called when a connection broke by itself. */
  onLost(listener: () => void): void;
  /** Breaks off whatever is under way. */
  destroy(): void;
}

export interface ProducerSessionOptions extends BrokerAccess {
  clientId: string;
  logger?: Logger;
  requestTimeoutMs: number;
  /** Longest wait for the connection and the producer's id, ms. */
  openTimeoutMs: number;
}

const perMessageBytes = 128;
const pingTimeoutMs = 1_000;

/**
 * A session must not be used again after a failed send: kafkajs gives the next messages the sequence numbers of the
 * failed ones, and a broker that had written those takes the new ones for repeats and drops them.
 */
export async function openProducerSession(options: ProducerSessionOptions): Promise<ProducerSession> {
  const { requestTimeoutMs } = options;
  // A moved leader or a closed connection is tried again at once, by its sequence numbers; the rest is ours.
  const retry = { retries: 2, initialRetryTime: 50, maxRetryTime: 250 };
  const connection = createConnection({ ...options, retry });
  const watched = watchPartitions();
  const producer = connection.kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: watched.createPartitioner,
    retry,
  });
  const admin = connection.kafka.admin({ retry: { ...retry, retries: 0 } });
  let adminConnected: Promise<void> | undefined;

  try {
    await withDeadline(options.openTimeoutMs, 'connecting to the broker', producer.connect());
  } catch (error) {
    connection.destroy();
    throw error;
  }

  return {
    async send(messages) {
      const byTopic = Map.groupBy(messages, ({ topic }) => topic);
      const topicMessages = [...byTopic].map(([topic, ofTopic]) => ({
        topic,
        messages: ofTopic.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } })),
      }));
      watched.forget();
      const sent = producer.sendBatch({ acks: -1, timeout: requestTimeoutMs, topicMessages });
      watched.requireAll(await withDeadline(requestTimeoutMs, 'the broker', sent));
    },
    async ping() {
      adminConnected ??= admin.connect();
      const asked = adminConnected.then(() => admin.describeCluster());
      try {
        await withDeadline(pingTimeoutMs, 'the broker', asked);
      } catch (error) {
        adminConnected = undefined;
        throw error;
      }
    },
    onLost: connection.onLost,
    destroy: connection.destroy,
  };
}

/** Bytes that a message takes in a request, about. */
export function sizeOf({ topic, key, value, headers }: OutgoingMessage): number {
  let bytes = perMessageBytes + topic.length + value.length + (key === null ? 0 : Buffer.byteLength(key));
  for (const [name, text] of Object.entries(headers ?? {}))
    bytes += name.length + Buffer.byteLength(text) + 8;
  return bytes;
}
