import { randomUUID } from 'node:crypto';
import { createLogger, SwitchboardError, sleep } from '@switchboard/platform';
import { createConnection } from '../connection.ts';
import type { ConsumerOptions } from '../consumer-types.ts';
import { type Consumer, type IncomingMessage, readLag, runConsumer } from '../index.ts';

export const logger = createLogger({ service: 'contract', level: 'silent' });

export const away = () => new SwitchboardError('engine_away', 'try again', { retryable: true });

/** A topic of its own for one test. */
export async function makeTopic(
  broker: string,
  { partitions = 1, settings = {} }: { partitions?: number; settings?: Record<string, string> } = {},
): Promise<string> {
  const topic = `contract.${randomUUID()}`;
  await withAdmin(broker, async (admin) => {
    await admin.createTopics({
      waitForLeaders: false,
      topics: [
        {
          topic,
          numPartitions: partitions,
          configEntries: Object.entries({ 'max.message.bytes': '8388608', ...settings }).map(
            ([name, value]) => ({ name, value }),
          ),
        },
      ],
    });
    // A broker that has just started may not know yet what it made.
    await until('there', () =>
      admin.fetchTopicMetadata({ topics: [topic] }).then(
        ({ topics: [made] }) =>
          made?.partitions.length === partitions && made.partitions.every(({ leader }) => leader >= 0),
        () => false,
      ),
    );
  });
  return topic;
}

export type Admin = ReturnType<ReturnType<typeof createConnection>['kafka']['admin']>;

export async function withAdmin<T>(broker: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const connection = createConnection({
    brokers: [broker],
    clientId: 'contract',
    requestTimeoutMs: 10_000,
    retry: { retries: 10, initialRetryTime: 100, maxRetryTime: 500 },
  });
  const admin = connection.kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
    connection.destroy();
  }
}

/** Waits until a condition holds; the test fails after `ms`. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, ms = 30_000) {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(20);
  }
}

/** What handlers were given, as text. */
export function createRecord() {
  const seen: string[] = [];
  return {
    seen,
    add(messages: readonly IncomingMessage[]) {
      for (const { value } of messages) seen.push(value.toString());
    },
    distinct: () => new Set(seen),
    has: (count: number) =>
      until(`${count} messages, now ${new Set(seen).size}`, () => new Set(seen).size >= count),
  };
}

export type Member = Consumer & { groupId: string };

/** A consumer that is stopped when the test ends. */
export async function join(
  broker: string,
  options: Partial<ConsumerOptions> & Pick<ConsumerOptions, 'topics' | 'handle'>,
): Promise<Member> {
  const groupId = options.groupId ?? `contract.${randomUUID()}`;
  const consumer = await runConsumer({
    brokers: [broker],
    logger,
    retry: { baseMs: 20, maxMs: 100 },
    ...options,
    groupId,
  });
  return { ...consumer, groupId };
}

/** The group's committed offset of partition 0; null when there is none. */
export async function committedOffset(
  broker: string,
  groupId: string,
  topic: string,
): Promise<bigint | null> {
  const positions = await readLag({ brokers: [broker], groupId, topics: [topic] });
  return positions.find(({ partition }) => partition === 0)?.committed ?? null;
}

/** How many messages the topic's log holds. */
export async function logLength(broker: string, topic: string): Promise<number> {
  const offsets = await withAdmin(broker, (admin) => admin.fetchTopicOffsets(topic));
  return offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
}

export const numbers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => String(from + index));
