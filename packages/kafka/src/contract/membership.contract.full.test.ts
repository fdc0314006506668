import { randomUUID } from 'node:crypto';
import { createLogger, sleep } from '@switchboard/platform';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createProducer, type Producer } from '../index.ts';
import { requireOffsetsInLog } from '../offset-lost.ts';
import { readLag } from '../offsets.ts';
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
} from './kit.ts';
import { startMember } from './start-member.ts';

/** Places in a group: kept, drained before they are given up, known to be lost. */
describe('membership', () => {
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

  it('keeps its partition while an engine is away for longer than a session', async () => {
    const topic = await makeTopic(broker);
    const groupId = `contract.${randomUUID()}`;
    await fill(topic, ['only'], 'k');
    const handledBy: string[] = [];
    const awayUntil = Date.now() + 9_000;
    const enlist = (name: string) =>
      member({
        topics: [topic],
        groupId,
        sessionTimeoutMs: 6_000,
        async handle() {
          if (Date.now() < awayUntil) throw away();
          handledBy.push(name);
        },
      });
    const first = await enlist('first');
    await first.joined;
    await until('handled', () => handledBy.length > 0);
    await until('committed', async () => (await committedOffset(broker, groupId, topic)) === 1n);
    expect(handledBy).toEqual(['first']);
    expect(first.assignments()).toEqual({ [topic]: [0] });
  });

  it('finishes and commits what is in hand when it stops: nothing comes twice', async () => {
    const topic = await makeTopic(broker);
    const groupId = `contract.${randomUUID()}`;
    await fill(topic, numbers(40), 'k');
    const record = createRecord();
    const inHand = Promise.withResolvers<void>();
    const first = await member({
      topics: [topic],
      groupId,
      maxBatchMessages: 10,
      async handle({ messages }) {
        inHand.resolve();
        await sleep(300);
        record.add(messages);
      },
    });
    await inHand.promise;
    await first.stop();
    const handled = record.seen.length;
    expect(handled).toBeGreaterThanOrEqual(10);
    expect(handled).toBeLessThan(40);
    expect(await committedOffset(broker, groupId, topic)).toBe(BigInt(handled));
    await member({ topics: [topic], groupId, handle: async ({ messages }) => record.add(messages) });
    await record.has(40);
    expect(record.seen).toEqual(numbers(40));
  });

  it('drains before it gives a partition up (PostHog #80897: duplicates because fencing came first)', async () => {
    const topic = await makeTopic(broker, { partitions: 6 });
    const groupId = `contract.${randomUUID()}`;
    await fill(topic, numbers(1_200));
    const record = createRecord();
    const enlist = () =>
      member({
        topics: [topic],
        groupId,
        maxBatchMessages: 20,
        partitionsConcurrently: 3,
        async handle({ messages }) {
          await sleep(50);
          record.add(messages);
        },
      });
    await enlist();
    await record.has(200);
    const second = await enlist();
    await second.joined;
    await record.has(1_200);
    expect(record.seen.length).toBe(1_200);
    expect(members.map((each) => each.assignments()[topic]?.length)).toEqual([3, 3]);
  });

  it('waits for its place as long as others take to end what they have in hand, and asks for it once', async () => {
    const topic = await makeTopic(broker, { partitions: 2 });
    const groupId = `contract.${randomUUID()}`;
    await fill(topic, ['long'], 'k');
    const inHand = Promise.withResolvers<void>();
    const endsAt = Promise.withResolvers<void>();
    const record = createRecord();
    await member({
      topics: [topic],
      groupId,
      async handle({ messages }) {
        inHand.resolve();
        await endsAt.promise;
        record.add(messages);
      },
    });
    await inHand.promise;
    const warnings: string[] = [];
    const second = await member({
      topics: [topic],
      groupId,
      logger: createLogger({ service: 'test', level: 'warn' }, { write: (line) => warnings.push(line) }),
      handle: async ({ messages }) => record.add(messages),
    });
    // Longer than a member may be silent that has a place.
    await sleep(26_000);
    endsAt.resolve();
    await second.joined;
    expect(warnings).toEqual([]);
    await record.has(1);
    expect(record.seen).toEqual(['long']);
  });

  it('finds nothing lost beside members at work, whenever it looks', async () => {
    const topic = await makeTopic(broker);
    const groupId = `contract.${randomUUID()}`;
    let handled = 0;
    await member({
      topics: [topic],
      groupId,
      handle: async ({ messages }) => {
        handled += messages.length;
      },
    });
    let ended = false;
    const sending = (async () => {
      while (!ended) await fill(topic, numbers(5), 'k');
    })();
    try {
      await until('working', () => handled > 0);
      for (let look = 0; look < 150; look += 1)
        requireOffsetsInLog(groupId, await readLag({ brokers: [broker], groupId, topics: [topic] }));
    } finally {
      ended = true;
      await sending;
    }
    expect(handled).toBeGreaterThan(150);
  });

  it('gives up what it was working on when it froze, and comes back (PostHog #56097)', async () => {
    const topic = await makeTopic(broker);
    const groupId = `contract.${randomUUID()}`;
    await fill(topic, numbers(30), 'k');
    const frozen = startMember({ broker, topic, groupId, sessionTimeoutMs: 6_000 });
    try {
      await frozen.says('in hand');
      frozen.child.kill('SIGSTOP');
      const record = createRecord();
      const second = await member({
        topics: [topic],
        groupId,
        sessionTimeoutMs: 6_000,
        handle: async ({ messages }) => record.add(messages),
      });
      await record.has(30);
      await until('committed', async () => (await committedOffset(broker, groupId, topic)) === 30n);
      frozen.child.kill('SIGCONT');
      await frozen.says('stale');
      await second.stop();
      await fill(topic, ['more'], 'k');
      await frozen.says('more');
      expect(await committedOffset(broker, groupId, topic)).toBeGreaterThanOrEqual(30n);
    } finally {
      frozen.child.kill('SIGKILL');
    }
  });
});
