import { describe, expect, it } from 'vitest';
import { createProducer } from '../index.ts';
import { createRecord, join, logger, logLength, makeTopic, until } from './kit.ts';
import { outliveOutage } from './outlive-outage.ts';
import { useOwnBroker } from './own-broker.ts';

/** A broker that is away for long. */
describe('long outages', () => {
  const ownBroker = useOwnBroker();

  it('a consumer with a batch in hand outlives a broker that comes back after the session', () =>
    outliveOutage(ownBroker(), 8_000));

  it('clients that start before the broker wait for it', async () => {
    const broker = ownBroker();
    const topic = await makeTopic(broker.url);
    await broker.kill();
    const record = createRecord();
    const producer = createProducer({ brokers: [broker.url], clientId: 'contract', logger });
    await producer.connect();
    expect(producer.isUp()).toBe(false);
    const consumer = await join(broker.url, {
      topics: [topic],
      handle: async ({ messages }) => record.add(messages),
    });
    await expect(consumer.check()).rejects.toMatchObject({ code: 'consumer_away' });
    await broker.restart();
    await until('up', () => producer.isUp());
    await producer.send({ topic, key: 'k', value: Buffer.from('hello') });
    await record.has(1);
    expect(await logLength(broker.url, topic)).toBe(1);
    await consumer.stop();
    await producer.close();
  });
});
