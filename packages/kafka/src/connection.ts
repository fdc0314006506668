import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Logger } from '@switchboard/platform';
import kafkajs, { type ISocketFactory, type Kafka, type LogEntry, type RetryOptions } from 'kafkajs';
import type { BrokerAccess } from './broker-access.ts';
import { mendKafkajs } from './mend-kafkajs.ts';

export interface ConnectionOptions extends BrokerAccess {
  clientId: string;
  logger?: Logger;
  /** Longest wait for an answer to one request, ms. */
  requestTimeoutMs: number;
  retry: RetryOptions;
}

export interface Connection {
  kafka: Kafka;
  /** Breaks every socket off and makes no new one, so that requests that hang fail at once. */
  destroy(): void;
  /** Called when a socket closes that nobody here closed. */
  onLost(listener: () => void): void;
}

/** A kafkajs client whose sockets can be broken off; kafkajs alone waits for a broker that hangs. */
export function createConnection(options: ConnectionOptions): Connection {
  mendKafkajs();
  const sockets = new Set<Socket>();
  let destroyed = false;
  let lost: () => void = () => {};

  const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (destroyed) throw new Error('this connection was given up');
    const servername = isIP(host) ? {} : { servername: host };
    const socket = ssl
      ? connectTls({ host, port, ...servername, ...ssl }, onConnect)
      : connectTcp({ host, port }, onConnect);
    socket.setKeepAlive(true, 10_000);
    socket.setNoDelay(true);
    // kafkajs disconnects a socket that never connected once per attempt to connect it, adding a listener each time.
    socket.setMaxListeners(0);
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      if (!destroyed) lost();
    });
    return socket;
  };

  const kafka = new kafkajs.Kafka({
    brokers: [...options.brokers],
    ssl: options.tls ?? false,
    sasl: options.sasl,
    clientId: options.clientId,
    requestTimeout: options.requestTimeoutMs,
    connectionTimeout: 1_000,
    retry: options.retry,
    socketFactory,
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => (entry) => logEntry(options.logger, entry),
  });

  return {
    kafka,
    destroy() {
      destroyed = true;
      // kafkajs hears of an error, but not of a silent close.
      for (const socket of sockets) socket.destroy(new Error('connection given up'));
    },
    onLost(listener) {
      lost = listener;
    },
  };
}

/** kafkajs repeats itself while a broker is away: its lines are for debugging, ours say what matters. */
function logEntry(logger: Logger | undefined, { namespace, log }: LogEntry): void {
  logger?.debug({ kafkajs: namespace, broker: log.broker, groupId: log.groupId }, log.message);
}
