import { type Connection, type MessageToProduce, Producer } from '@platformatic/kafka';
import { type BrokerAccess, clientSasl } from './broker-access.ts';
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

/** One producer of the client, used until something goes wrong with it. */
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
  requestTimeoutMs: number;
  /** Longest wait for the connection and the producer's id, ms. */
  openTimeoutMs: number;
}

const perMessageBytes = 128;
const pingTimeoutMs = 1_000;

/**
 * A session must not be used again after a failed send: what was on its way may have been written, and with it sequence
 * numbers that the client would give to other messages, which the broker then drops as repeats.
 */
export async function openProducerSession(options: ProducerSessionOptions): Promise<ProducerSession> {
  const { requestTimeoutMs } = options;
  const watched = watchPartitions();
  const producer = new Producer({
    clientId: options.clientId,
    bootstrapBrokers: [...options.brokers],
    tls: options.tls,
    sasl: clientSasl(options.sasl),
    idempotent: true,
    autocreateTopics: false,
    partitioner: watched.partitioner,
    timeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectTimeout: Math.min(1_000, options.openTimeoutMs),
    // A moved leader or a closed connection is tried again at once, by its sequence numbers; the rest is ours.
    retries: 2,
    retryDelay: 50,
    metadataMaxAge: 300_000,
  });
  const connections = new Set<Connection>();
  let destroyed = false;
  let lost: () => void = () => {};

  producer.connections.on('connecting', ({ connection }) => {
    connections.add(connection);
    // Told to whoever waits for an answer; as an event that nobody hears it would end the process.
    connection.on('error', () => {});
  });
  producer.connections.on('connect', ({ connection }) => connection.socket.setKeepAlive(true, 10_000));
  producer.connections.on('disconnect', ({ connection }) => {
    connections.delete(connection);
    if (!destroyed) lost();
  });

  const destroy = () => {
    destroyed = true;
    producer.close(true).catch(() => {});
    for (const { socket } of connections) socket?.destroy();
  };
  const askBroker = () => producer.metadata({ topics: [], forceUpdate: true });

  try {
    const opened = askBroker().then(() => producer.initIdempotentProducer({}));
    await withDeadline(options.openTimeoutMs, 'connecting to the broker', opened);
  } catch (error) {
    destroy();
    throw error;
  }

  return {
    async send(messages) {
      watched.forget();
      const sent = producer.send({ messages: messages.map(encode), acks: -1 });
      const { offsets = [] } = await withDeadline(requestTimeoutMs, 'the broker', sent);
      watched.requireAll(offsets, (topic) => producer.currentMetadata?.topics.get(topic)?.partitionsCount);
    },
    async ping() {
      await withDeadline(pingTimeoutMs, 'the broker', askBroker());
    },
    onLost(listener) {
      lost = listener;
    },
    destroy,
  };
}

/** Bytes that a message takes in a request, about. */
export function sizeOf({ topic, key, value, headers = {} }: OutgoingMessage): number {
  let bytes = perMessageBytes + topic.length + value.length + (key === null ? 0 : Buffer.byteLength(key));
  for (const name in headers) bytes += name.length + Buffer.byteLength(headers[name] ?? '') + 8;
  return bytes;
}

const headerNames = new Map<string, Buffer>();

function encode({ topic, key, value, headers = {} }: OutgoingMessage): MessageToProduce {
  const encoded = new Map<Buffer, Buffer>();
  for (const name in headers) encoded.set(nameBytes(name), Buffer.from(headers[name] ?? ''));
  const keyBytes = key === null ? undefined : typeof key === 'string' ? Buffer.from(key) : key;
  return { topic, key: keyBytes, value, headers: encoded };
}

function nameBytes(name: string): Buffer {
  const known = headerNames.get(name) ?? Buffer.from(name);
  headerNames.set(name, known);
  return known;
}
