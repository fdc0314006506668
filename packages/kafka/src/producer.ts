import { backoff, type Logger, type Metrics, SwitchboardError, sleep } from '@switchboard/platform';
import type { BrokerAccess } from './broker-access.ts';
import { faultOf, isPassingRefusal, isRefusal } from './kafka-errors.ts';
import { producerMetrics } from './producer-metrics.ts';
import {
  type OutgoingMessage,
  openProducerSession,
  type ProducerSession,
  sizeOf,
} from './producer-session.ts';
import { createSendQueue, type Waiting } from './send-queue.ts';
import { maxMessageBytes } from './topics.ts';

export interface ProducerOptions extends BrokerAccess {
  clientId: string;
  logger?: Logger;
  metrics?: Metrics;
  /** How long a send waits for the broker's answer before it rejects, ms; 1,800 by default. */
  deadlineMs?: number;
  /** Messages' bytes held at most, waiting and on their way; 64 MiB by default. */
  maxBufferedBytes?: number;
}

/** One request at a time, and in it all that waits: under load requests grow, without load none waits. */
export interface Producer {
  /** Starts connecting, and waits for it no longer than the deadline. It goes on by itself until `close`. */
  connect(): Promise<void>;
  /**
   * Resolves after the broker's answer: all in-sync replicas have the message. A message whose send was rejected may
   * still reach the topic; the caller may send it again.
   * @throws SwitchboardError `broker_unavailable` (retryable) when there is no answer by the deadline,
   * `producer_full` (retryable) when too many bytes wait, `message_too_large`, `message_refused`
   */
  send(message: OutgoingMessage, options?: { deadlineMs?: number }): Promise<void>;
  isUp(): boolean;
  /**
   * Whether a message could be taken now: not so for some seconds after a send failed, unless one has succeeded since.
   * Answers within 1 s.
   * @throws SwitchboardError `broker_unavailable`, `producer_full`
   */
  check(): Promise<void>;
  readonly bufferedBytes: number;
  /** Sends what waits, each within its deadline, then disconnects. */
  close(): Promise<void>;
}

const mebibyte = 1_048_576;
/** Of the messages in one request; a larger message travels alone. */
const maxRequestBytes = 6 * mebibyte;
const openTimeoutMs = 2_000;
const freshMs = 1_000;
const refusedMs = 5_000;
const reconnect = { baseMs: 50, maxMs: 1_000 };
const resend = { baseMs: 20, maxMs: 500 };

export function createProducer(options: ProducerOptions): Producer {
  const deadlineMs = options.deadlineMs ?? 1_800;
  const maxBufferedBytes = options.maxBufferedBytes ?? 64 * mebibyte;
  const queue = createSendQueue<OutgoingMessage>();
  const metrics = producerMetrics(options.metrics);
  const closing = new AbortController();
  let session: ProducerSession | undefined;
  let connecting: Promise<void> | undefined;
  let pumping: Promise<void> | undefined;
  let sending = false;
  let failures = 0;
  let answeredAt = 0;
  /** Of the last send that failed; 0 when one has succeeded since. */
  let failedAt = 0;
  let checking: Promise<void> | undefined;
  let keptOut: string | undefined; // Which setting does, by the last attempt to connect.

  const unavailable = (cause?: unknown) =>
    new SwitchboardError('broker_unavailable', keptOut ?? 'the broker did not take the message in time', {
      retryable: true,
      cause,
    });

  async function connectUntilUp(): Promise<void> {
    for (let attempt = 1; !session && !closing.signal.aborted; attempt += 1) {
      try {
        const opened = await openProducerSession({
          ...options,
          requestTimeoutMs: Math.max(deadlineMs, 1_000),
          openTimeoutMs,
        });
        // While a request is under way the client itself sends it again, by its sequence numbers.
        opened.onLost(() => {
          if (!sending) drop(opened);
        });
        session = opened;
        answeredAt = Date.now();
        keptOut = undefined;
        options.logger?.info({ attempt }, 'producer connected');
      } catch (error) {
        const fault = faultOf(error);
        metrics.failed('broker_unavailable', queue.bufferedBytes);
        const isNews = attempt === 1 || (fault.hint && !keptOut);
        if (isNews) options.logger?.warn({ fault }, 'broker away, connecting again');
        keptOut = fault.hint;
        await sleep(backoff(attempt, reconnect), closing.signal);
      }
    }
  }

  function startConnecting(): Promise<void> {
    if (session) return Promise.resolve();
    connecting ??= connectUntilUp().finally(() => {
      connecting = undefined;
      startPumping();
    });
    return connecting;
  }

  /** Gives a session up; a new one has new sequence numbers. */
  function drop(broken: ProducerSession): void {
    if (session !== broken) return;
    session = undefined;
    answeredAt = 0;
    broken.destroy();
    if (!closing.signal.aborted) startConnecting();
  }

  function startPumping(): void {
    if (pumping || !session) return;
    pumping = pump().finally(() => {
      pumping = undefined;
      if (session && !queue.isEmpty) startPumping();
    });
  }

  async function pump(): Promise<void> {
    while (session && !queue.isEmpty) {
      const batch = queue.take(maxRequestBytes);
      const left = await deliver(batch);
      queue.putBack(left);
      queue.release(batch);
      if (left.length > 0) await sleep(backoff(failures, resend), closing.signal);
    }
  }

  /** Sends messages in one request; returns, in order, those to be sent again. */
  async function deliver(
    batch: readonly Waiting<OutgoingMessage>[],
  ): Promise<readonly Waiting<OutgoingMessage>[]> {
    const current = session;
    const wanted = batch.filter(({ settled }) => !settled);
    if (!current || wanted.length === 0) return wanted;
    const startedAt = performance.now();
    try {
      sending = true;
      await current.send(wanted.map(({ message }) => message));
      answeredAt = Date.now();
      failedAt = 0;
      failures = 0;
      metrics.sent(wanted.length, (performance.now() - startedAt) / 1_000, queue.bufferedBytes);
      for (const entry of wanted) entry.settle();
      return [];
    } catch (error) {
      const fault = faultOf(error);
      metrics.failed(fault.type ?? fault.name, queue.bufferedBytes);
      failures += 1;
      failedAt = Date.now();
      const level = failures === 1 ? 'warn' : 'debug';
      options.logger?.[level]({ fault, messages: wanted.length }, 'send failed, producer is replaced');
      drop(current);
      return isRefusal(error) ? refuse(wanted, error) : wanted;
    } finally {
      sending = false;
    }
  }

  /** Finds the message that the broker refuses by halving, so that the others with it go through. */
  async function refuse(
    batch: readonly Waiting<OutgoingMessage>[],
    cause: unknown,
  ): Promise<readonly Waiting<OutgoingMessage>[]> {
    if (batch.length === 1) {
      const { type } = faultOf(cause);
      const retryable = isPassingRefusal(cause);
      if (!retryable) failedAt = 0;
      batch[0]?.settle(
        new SwitchboardError('message_refused', `the broker said ${type}`, { retryable, cause }),
      );
      return [];
    }
    const middle = Math.ceil(batch.length / 2);
    await startConnecting();
    const left = await deliver(batch.slice(0, middle));
    if (left.length > 0) return [...left, ...batch.slice(middle)];
    await startConnecting();
    return deliver(batch.slice(middle));
  }

  async function ping(): Promise<void> {
    await Promise.race([startConnecting(), sleep(freshMs, closing.signal)]);
    const current = session;
    if (!current) throw unavailable();
    try {
      await current.ping();
      answeredAt = Date.now();
    } catch (cause) {
      answeredAt = 0;
      throw unavailable(cause);
    }
  }

  return {
    async connect() {
      await Promise.race([startConnecting(), sleep(deadlineMs, closing.signal)]);
    },
    async send(message, { deadlineMs: limitMs = deadlineMs } = {}) {
      const bytes = sizeOf(message);
      if (bytes > maxMessageBytes) {
        throw new SwitchboardError('message_too_large', `${bytes} bytes are more than ${maxMessageBytes}`);
      }
      if (closing.signal.aborted) throw unavailable();
      if (queue.bufferedBytes > 0 && queue.bufferedBytes + bytes > maxBufferedBytes) {
        metrics.failed('producer_full', queue.bufferedBytes);
        throw new SwitchboardError('producer_full', 'too many bytes wait for the broker', {
          retryable: true,
        });
      }
      const sent = queue.add(message, bytes, limitMs, unavailable);
      if (session) startPumping();
      else startConnecting();
      await sent;
    },
    isUp: () => session !== undefined,
    async check() {
      if (queue.bufferedBytes >= maxBufferedBytes) {
        throw new SwitchboardError('producer_full', 'too many bytes wait for the broker', {
          retryable: true,
        });
      }
      // A broker that answers may still take no message: too few replicas, no leader, no right to write.
      if (Date.now() - failedAt < refusedMs) throw unavailable();
      if (session && Date.now() - answeredAt < freshMs) return;
      checking ??= ping().finally(() => {
        checking = undefined;
      });
      await checking;
    },
    get bufferedBytes() {
      return queue.bufferedBytes;
    },
    async close() {
      while (!queue.isEmpty || pumping) await (pumping ?? sleep(10));
      closing.abort();
      queue.failAll(unavailable());
      session?.destroy();
      session = undefined;
      await connecting;
    },
  };
}
