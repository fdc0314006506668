import { type Codec, type IncomingMessage, runConsumer } from '@switchboard/kafka';
import { createLogger, sleep } from '@switchboard/platform';
import type { DeadLetter, MessageReceived, RecordReceived, VoiceCallReceived } from '@switchboard/schemas';

export interface Read<T> {
  key: string | null;
  headers: Readonly<Record<string, string>>;
  value: T;
}

/** All that ingest has sent, as it comes. */
export interface TopicReader {
  calls: Read<VoiceCallReceived>[];
  messages: Read<MessageReceived>[];
  records: Read<RecordReceived>[];
  deadLetters: Read<DeadLetter>[];
  /** The call event of that id, once it is there. */
  call(eventId: string): Promise<Read<VoiceCallReceived>>;
  /** The record event of that id, once it is there. */
  record(eventId: string): Promise<Read<RecordReceived>>;
  /** Dead letters for which `test` holds, once there are `count`. */
  deadLettersOf(test: (letter: DeadLetter) => boolean, count: number): Promise<Read<DeadLetter>[]>;
  stop(): Promise<void>;
}

export interface ReadTopicsOptions {
  broker: string;
  prefix: string;
  codec: Codec;
}

export async function readTopics({ broker, prefix, codec }: ReadTopicsOptions): Promise<TopicReader> {
  const calls: Read<VoiceCallReceived>[] = [];
  const messages: Read<MessageReceived>[] = [];
  const records: Read<RecordReceived>[] = [];
  const deadLetters: Read<DeadLetter>[] = [];
  const read = async <T>(topic: string, { key, headers, value }: IncomingMessage): Promise<Read<T>> => ({
    key,
    headers,
    value: await codec.decode<T>(topic, value),
  });
  const consumer = await runConsumer({
    brokers: [broker],
    groupId: `${prefix}reader`,
    topics: ['voice-call.received.v1', 'message.received.v1', 'record.received.v1', 'dead-letter.v1'].map(
      (name) => `${prefix}${name}`,
    ),
    logger: createLogger({ service: 'reader', level: 'silent' }),
    async handle({ topic, messages: arrived }) {
      for (const message of arrived) {
        if (topic.endsWith('dead-letter.v1')) deadLetters.push(await read(topic, message));
        else if (topic.endsWith('message.received.v1')) messages.push(await read(topic, message));
        else if (topic.endsWith('record.received.v1')) records.push(await read(topic, message));
        else calls.push(await read(topic, message));
      }
    },
  });
  return {
    calls,
    messages,
    records,
    deadLetters,
    call: (eventId) => eventually(() => calls.find(({ value }) => value.event_id === eventId)),
    record: (eventId) => eventually(() => records.find(({ value }) => value.event_id === eventId)),
    deadLettersOf: (test, count) =>
      eventually(() => {
        const found = deadLetters.filter(({ value }) => test(value));
        return found.length >= count ? found : undefined;
      }),
    stop: () => consumer.stop(),
  };
}

/** What `find` finds, when it finds something. @throws Error when it found nothing for 20 s */
export async function eventually<T>(find: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let waited = 0; waited < 20_000; waited += 20) {
    const found = await find();
    if (found !== undefined) return found;
    await sleep(20);
  }
  throw new Error('waited 20 s in vain');
}
