import { type Codec, type Producer, takenAgainHeader } from '@switchboard/kafka';
import {
  eventInLog,
  type Logger,
  type OnStep,
  recordEvents,
  SwitchboardError,
  type Tracing,
} from '@switchboard/platform';
import type { TopicName } from '@switchboard/schemas';
import type { EventHeaders, EventSink } from './event-sink.ts';

export interface KafkaSinkOptions {
  producer: Pick<Producer, 'send' | 'check'>;
  /** Of dead letters. */
  letterProducer: Pick<Producer, 'send'>;
  codec: Pick<Codec, 'encode' | 'prepare'>;
  /** Of topic names. */
  prefix: string;
  /** After this the caller is told to come again, ms: they were promised an answer within 2 s. */
  deadlineMs: number;
  tracing: Tracing;
  /** Has a line for each event, at level debug only: thousands a second would cost more than the work. */
  logger: Logger;
  /** It sends what once was set aside: its spans begin now, and its events say so. */
  takenAgain?: boolean;
  /** Told between the broker's answer and ours. */
  onStep?: OnStep<'call-sent' | 'record-sent' | 'message-sent' | 'letter-sent'>;
}

const topics: readonly TopicName[] = [
  'voice-call.received.v1',
  'message.received.v1',
  'record.received.v1',
  'dead-letter.v1',
];

/** Sends events to Kafka as Avro. */
export function createKafkaSink({
  producer,
  letterProducer,
  codec,
  prefix,
  deadlineMs,
  tracing,
  logger,
  takenAgain = false,
  onStep,
}: KafkaSinkOptions): EventSink {
  const send = async (topic: TopicName, key: string, event: object, given: EventHeaders) => {
    const begunAt = Date.now();
    const headers = takenAgain ? { ...given, [takenAgainHeader]: '1' } : given;
    const value = await codec.encode(topic, event);
    const by = topic === 'dead-letter.v1' ? letterProducer : producer;
    await by.send({ topic: `${prefix}${topic}`, key, value, headers });
    if (logger.isLevelEnabled('debug'))
      logger.debug(
        { topic, ...eventInLog(headers) },
        topic === 'dead-letter.v1' ? 'event set aside' : 'event accepted',
      );
    const startedAt = takenAgain ? begunAt : Date.parse(headers['received-at'] ?? '');
    recordEvents(tracing, { name: 'ingest', topic, startedAt, endedAt: Date.now() }, [{ headers }]);
  };
  return {
    async sendCall(event, headers) {
      await within(
        deadlineMs,
        send('voice-call.received.v1', `${event.tenant_id}:${event.call_id}`, event, headers),
      );
      await onStep?.('call-sent');
    },
    async sendRecord(record, headers) {
      await within(
        deadlineMs,
        send('record.received.v1', `${record.tenant_id}:${record.entity_key}`, record, headers),
      );
      await onStep?.('record-sent');
    },
    async sendMessage(event, headers) {
      await within(
        deadlineMs,
        send('message.received.v1', `${event.tenant_id}:${event.contact_key}`, event, headers),
      );
      await onStep?.('message-sent');
    },
    async sendDeadLetter(letter, headers) {
      await within(deadlineMs, send('dead-letter.v1', letter.dead_letter_id, letter, headers));
      await onStep?.('letter-sent');
    },
    async check() {
      await codec.prepare(topics);
      await producer.check();
    },
  };
}

/** A send that is given up may still arrive; the vendor's repeat of it then counts once, by its id. */
async function within(deadlineMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new SwitchboardError('broker_unavailable', 'the broker did not answer in time', {
            retryable: true,
          }),
        ),
      deadlineMs,
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
