import { randomUUID } from 'node:crypto';
import { sleep } from '@switchboard/platform';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createProducer, type HandleBatch, type Producer, readLag } from '../index.ts';
import {
  away,
  committedOffset,
  createRecord,
  join,
  logger,
  type Member,
  makeTopic,
  numbers,
  until,
  withAdmin,
} from './kit.ts';

/** What the rest of the house relies on when it reads, whatever client is behind it. */
describe('consumer', () => {
  const broker = inject('engines').kafka;
  let producer: Producer;
  let members: Member[] = [];

  beforeAll(async () => {
    producer = createProducer({ brokers: [broker], clientId: 'contract', logger, deadlineMs: 15_000 });
    await producer.connect();
  });
  afterEach(async () => {
    await Promise.all(members.map((member) => member.stop()));
    members = [];
  });
  afterAll(() => producer.close());

  const fill = (topic: string, texts: readonly string[], key?: string) =>
    Promise.all(texts.map((text) => producer.send({ topic, key: key ?? text, value: Buffer.from(text) })));

  const member = async (options: Parameters<typeof join>[1]) => {
    const joined = await join(broker, options);
    members.push(joined);
    return joined;
  };

  it('gives a new group everything from the beginning, in bounded batches', async () => {
    const topic = await makeTopic(broker);
    await fill(topic, numbers(95), 'k');
    const record = createRecord();
    const sizes: number[] = [];
    const handle: HandleBatch = async ({ messages }) => {
      sizes.push(messages.length);
      record.add(messages);
    };
    const reader = await member({ topics: [topic], handle, maxBatchMessages: 10 });
    await record.has(95);
    expect(record.seen).toEqual(numbers(95));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
    await until('no lag', async () => (await reader.lag()).every(({ lag }) => lag === 0));
    expect(reader.assignments()).toEqual({ [topic]: [0] });
    await reader.check();
  });

  it('never commits past a batch that failed (PostHog #58033: 33 minutes of events lost)', async () => {
    const topic = await makeTopic(broker);
    await fill(topic, numbers(60), 'k');
    const record = createRecord();
    let failures = 0;
    let committedWhileFailing: bigint | null = null;
    const reader = await member({
      topics: [topic],
      maxBatchMessages: 10,
      async handle({ messages, firstOffset }, { attempt }) {
        if (firstOffset === '20' && failures < 3) {
          failures += 1;
          expect(attempt).toBe(failures);
          committedWhileFailing = await committedOffset(broker, reader.groupId, topic);
          throw away();
        }
        record.add(messages);
      },
    });
    await record.has(60);
    expect(failures).toBe(3);
    expect(committedWhileFailing).toBe(20n);
    expect(record.seen).toEqual(numbers(60));
    await until('all committed', async () => (await committedOffset(broker, reader.groupId, topic)) === 60n);
  });

  it('ends on an error that is no matter of waiting, and commits nothing more', async () => {
    const topic = await makeTopic(broker, { partitions: 2 });
    const groupId = `contract.${randomUUID()}`;
    const [poison, healthy] = [Promise.withResolvers<void>(), createRecord()];
    await fill(topic, numbers(20));
    const reader = await member({
      topics: [topic],
      groupId,
      maxBatchMessages: 1,
      partitionsConcurrently: 2,
      async handle({ messages, partition }) {
        if (partition === 0) throw new TypeError('a fault in our code');
        await reader.fatal;
        healthy.add(messages);
        poison.resolve();
      },
    });
    expect(await reader.fatal).toBeInstanceOf(TypeError);
    await reader.stop();
    const positions = await readLag({ brokers: [broker], groupId, topics: [topic] });
    expect(positions.map(({ committed }) => committed)).toEqual([null, null]);
    await expect(reader.check()).rejects.toMatchObject({ code: 'consumer_away' });
  });

  it('reads events of 4.9 MiB', async () => {
    const topic = await makeTopic(broker);
    const large = 'x'.repeat(4.9 * 1_048_576);
    await fill(topic, [`${large}1`, `${large}2`, 'small'], 'k');
    const sizes: number[] = [];
    const handle: HandleBatch = async ({ messages }) => {
      sizes.push(...messages.map(({ value }) => value.length));
    };
    await member({ topics: [topic], handle });
    await until('read', () => sizes.length === 3);
    expect(sizes).toEqual([large.length + 1, large.length + 1, 5]);
  });

  it('waits for a topic that is not there yet', async () => {
    const topic = `contract.${randomUUID()}`;
    const record = createRecord();
    await member({ topics: [topic], handle: async ({ messages }) => record.add(messages) });
    await sleep(1_500);
    await withAdmin(broker, (admin) => admin.createTopics({ topics: [{ topic }], waitForLeaders: true }));
    await fill(topic, ['hello'], 'k');
    await record.has(1);
  });

  it('stops and says so when the log begins after its offset (kafkajs #1119: a silent jump)', async () => {
    const topic = await makeTopic(broker);
    const groupId = `contract.${randomUUID()}`;
    await fill(topic, numbers(50), 'k');
    const record = createRecord();
    const first = await member({
      topics: [topic],
      groupId,
      maxBatchMessages: 10,
      async handle({ messages, firstOffset }) {
        if (firstOffset !== '0') throw away();
        record.add(messages);
      },
    });
    await record.has(10);
    await first.stop();
    await deleteBefore(topic, 30);
    const second = await member({
      topics: [topic],
      groupId,
      handle: async ({ messages }) => record.add(messages),
    });
    expect(await second.fatal).toMatchObject({ code: 'offset_lost' });
    expect(await committedOffset(broker, groupId, topic)).toBe(10n);
    expect(record.seen).toEqual(numbers(10));
  });

  it('stops and says so when the log runs away while it reads', async () => {
    const topic = await makeTopic(broker);
    await fill(
      topic,
      numbers(60).map((text) => text.padEnd(200_000, '.')),
      'k',
    );
    const go = Promise.withResolvers<void>();
    const offsets: string[] = [];
    const reader = await member({
      topics: [topic],
      async handle({ messages }) {
        offsets.push(...messages.map(({ offset }) => offset));
        await go.promise;
      },
    });
    await until('a batch in hand', () => offsets.length > 0);
    await deleteBefore(topic, 55);
    go.resolve();
    expect(await reader.fatal).toMatchObject({ code: 'offset_lost' });
    const committed = await committedOffset(broker, reader.groupId, topic);
    expect(committed).toBe(BigInt(offsets.at(-1) ?? 0) + 1n);
  });

  const deleteBefore = (topic: string, offset: number) =>
    withAdmin(broker, async (admin) => {
      await admin.fetchTopicMetadata({ topics: [topic] });
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
    });
});
