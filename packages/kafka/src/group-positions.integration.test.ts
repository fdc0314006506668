import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { join, withAdmin } from './contract/kit.ts';
import { findRecord } from './find-record.ts';
import {
  createLogReader,
  createProducer,
  ensureTopics,
  groupOf,
  type LogReader,
  readGroupPositions,
} from './index.ts';

const broker = inject('engines').kafka;
const prefix = `positions-${randomUUID()}.`;
const names = { topicPrefix: prefix, groupPrefix: prefix };
const topic = `${prefix}voice-call.received.v1`;
const day = 86_400_000;

describe('where groups stand', () => {
  const producer = createProducer({ brokers: [broker], clientId: 'positions', deadlineMs: 15_000 });
  let reader: LogReader;

  beforeAll(async () => {
    await ensureTopics({ brokers: [broker], prefix, partitions: 2 });
    await producer.connect();
    reader = createLogReader({ brokers: [broker], clientId: 'positions', timeoutMs: 20_000 });
  });
  afterAll(async () => {
    reader.close();
    await producer.close();
    await withAdmin(broker, async (admin) => {
      const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
      await admin.deleteTopics({ topics });
    });
  });

  const send = (eventId: string, key = 'one call') =>
    producer.send({ topic, key, value: Buffer.from('x'), headers: { 'event-id': eventId } });
  const find = (eventId: string, ms = 20_000) =>
    findRecord(reader, names, { eventIds: [eventId], around: Date.now(), deadline: Date.now() + ms });
  const position = async (now = Date.now()) => {
    const positions = await readGroupPositions(reader, names, now);
    return positions.find((one) => one.topic === 'voice-call.received.v1');
  };

  it('nothing came: no lag, and no age', async () => {
    expect(await readGroupPositions(reader, names, Date.now())).toHaveLength(7);
    expect(await position()).toEqual({
      topic: 'voice-call.received.v1',
      group: 'enrich',
      service: 'enrich',
      lagMessages: 0,
      lagSeconds: 0,
      finished: 0,
      arrivedPerSecond: 0,
    });
  });

  it('counts what a group without offsets has before it, and how old the oldest is', async () => {
    for (const id of ['e1', 'e2', 'e3']) await send(id);
    await send('elsewhere', 'another call');
    const found = await position();
    expect(found).toMatchObject({ lagMessages: 4, arrivedPerSecond: 4 / 60 });
    expect(found?.lagSeconds).toBeLessThan(60);
    const later = await position(Date.now() + day);
    expect(later?.lagSeconds).toBeGreaterThan(86_000);
    expect(later?.arrivedPerSecond).toBe(0);
  });

  it('finds an event in what is unfinished, and how many are before it', async () => {
    expect(await find('e3')).toMatchObject({
      found: { topic: 'voice-call.received.v1', group: 'enrich', behind: 2 },
    });
    expect(await find('e9')).toEqual({
      found: null,
      looked: 4,
      unlooked: 0,
      complete: true,
      backlogs: [
        expect.objectContaining({ group: 'enrich', messages: 4, oldest: expect.closeTo(Date.now(), -6) }),
      ],
    });
  });

  it('says that it did not look at all when the time is over', async () => {
    expect(await find('e9', -1)).toMatchObject({
      found: null,
      unlooked: 4,
      complete: false,
    });
  });

  it('what the group has committed is neither lag nor looked at', async () => {
    const groupId = groupOf(prefix, 'voice-call.received.v1');
    const consumer = await join(broker, { groupId, topics: [topic], handle: async () => undefined });
    await expect.poll(async () => (await position())?.lagMessages, { timeout: 20_000 }).toBe(0);
    await consumer.stop();
    await send('e4');
    expect(await position()).toMatchObject({ lagMessages: 1 });
    expect(await find('e1')).toMatchObject({
      found: null,
      looked: 1,
    });
    expect(await find('e4')).toMatchObject({
      found: { behind: 0 },
    });
  });

  it('is told of a broker that is away in time, and answers again once it is back', async () => {
    const nowhere = createLogReader({ brokers: ['127.0.0.1:9'], clientId: 'positions', timeoutMs: 300 });
    const began = Date.now();
    await expect(readGroupPositions(nowhere, names, began)).rejects.toMatchObject({
      code: 'broker_unavailable',
      retryable: true,
    });
    nowhere.close();
    reader.close();
    expect(await position()).toMatchObject({ lagMessages: 1 });
  });
});
