import { createMetrics } from '@switchboard/platform';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createProducer, type Producer } from '../index.ts';
import { createRecord, join, logger, logLength, makeTopic, numbers } from './kit.ts';

/** What the rest of the house relies on when it sends, whatever client is behind it. */
describe('producer', () => {
  const broker = inject('engines').kafka;
  const metrics = createMetrics('contract');
  let producer: Producer;

  beforeAll(async () => {
    producer = createProducer({
      brokers: [broker],
      clientId: 'contract',
      logger,
      metrics,
      deadlineMs: 15_000,
    });
    await producer.connect();
  });
  afterAll(() => producer.close());

  const send = (topic: string, key: string, text: string) =>
    producer.send({ topic, key, value: Buffer.from(text) });

  it('answers only when the broker has the message (PostHog #7905: 200 while Kafka was down)', async () => {
    const topic = await makeTopic(broker);
    await send(topic, 'k', 'one');
    expect(await logLength(broker, topic)).toBe(1);
  });

  it('sends together all that waits', async () => {
    const topic = await makeTopic(broker, { partitions: 3 });
    const before = await requests();
    await Promise.all(numbers(500).map((text) => send(topic, text, text)));
    expect(await logLength(broker, topic)).toBe(500);
    expect((await requests()) - before).toBeLessThan(50);
  });

  it('keeps the order of a key', async () => {
    const topic = await makeTopic(broker, { partitions: 3 });
    await Promise.all(numbers(1_000).map((text) => send(topic, 'one call', text)));
    const record = createRecord();
    const consumer = await join(broker, {
      topics: [topic],
      handle: async ({ messages }) => record.add(messages),
    });
    await record.has(1_000);
    await consumer.stop();
    expect(record.seen).toEqual(numbers(1_000));
  });

  it('brings key and headers along', async () => {
    const topic = await makeTopic(broker);
    const headers = { 'event-id': 'e1', traceparent: '00-1-2-01' };
    await producer.send({ topic, key: 'tenant:call', value: Buffer.from('x'), headers });
    const given = Promise.withResolvers<unknown>();
    const handle = async ({ messages: [message] }: { messages: readonly unknown[] }) =>
      given.resolve(message);
    const consumer = await join(broker, { topics: [topic], handle });
    expect(await given.promise).toMatchObject({ key: 'tenant:call', headers, offset: '0' });
    await consumer.stop();
  });

  it('takes 4.9 MiB, and says at once that more than 8 MiB is too much', async () => {
    const topic = await makeTopic(broker);
    const large = Buffer.alloc(4.9 * 1_048_576, 'x');
    await Promise.all(numbers(3).map((key) => producer.send({ topic, key, value: large })));
    expect(await logLength(broker, topic)).toBe(3);
    const tooLarge = producer.send({ topic, key: 'k', value: Buffer.alloc(8 * 1_048_576) });
    await expect(tooLarge).rejects.toMatchObject({ code: 'message_too_large', retryable: false });
  });

  it('lets the others through when the broker refuses one', async () => {
    const small = await makeTopic(broker, { settings: { 'max.message.bytes': '2000' } });
    const other = await makeTopic(broker);
    const results = await Promise.allSettled([
      send(other, 'a', '1'),
      send(small, 'b', 'x'.repeat(5_000)),
      send(small, 'c', '2'),
      send(other, 'd', '3'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'message_refused', retryable: false } });
    // Where a part of a request was written, that part is written again: at least once, never lost.
    expect(await logLength(broker, other)).toBeGreaterThanOrEqual(2);
  });

  it('calls a topic that is not there yet a passing fault, and says that it takes nothing until a send succeeds', async () => {
    const topic = await makeTopic(broker);
    const sent = producer.send({ topic: 'contract.nowhere', key: null, value: Buffer.from('x') });
    await expect(sent).rejects.toMatchObject({ retryable: true });
    // The broker answers all the while.
    await expect(producer.check()).rejects.toMatchObject({ code: 'broker_unavailable', retryable: true });
    await send(topic, 'k', 'one');
    await producer.check();
  });

  it('holds no more bytes than it may', async () => {
    const topic = await makeTopic(broker);
    const narrow = createProducer({
      brokers: [broker],
      clientId: 'narrow',
      logger,
      maxBufferedBytes: 10_000,
    });
    await narrow.connect();
    const results = await Promise.allSettled(
      numbers(20).map((key) => narrow.send({ topic, key, value: Buffer.alloc(1_000) })),
    );
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(5);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ code: 'producer_full', retryable: true });
    }
    expect(narrow.bufferedBytes).toBe(0);
    await narrow.close();
  });

  async function requests(): Promise<number> {
    const { body } = await metrics.render();
    return Number(/switchboard_kafka_send_seconds_count\S* (\d+)/.exec(body)?.[1]);
  }
});
