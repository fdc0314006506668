import { randomUUID } from 'node:crypto';
import { sleep } from '@switchboard/platform';
import { describe, expect, it } from 'vitest';
import { createProducer } from '../index.ts';
import { createRecord, join, logger, makeTopic, numbers, until } from './kit.ts';
import { outliveOutage } from './outlive-outage.ts';
import { useOwnBroker } from './own-broker.ts';

/** A broker that hangs, is killed, and comes back. */
describe('outages', () => {
  const ownBroker = useOwnBroker();

  it('a send is refused within 2 s while the broker hangs, and works by itself when it goes on', async () => {
    const broker = ownBroker();
    const topic = await makeTopic(broker.url);
    const producer = createProducer({ brokers: [broker.url], clientId: 'contract', logger });
    await producer.connect();
    await producer.send({ topic, key: 'k', value: Buffer.from('before') });

    await broker.kill('SIGSTOP');
    const startedAt = Date.now();
    const sent = producer.send({ topic, key: 'k', value: Buffer.from('during') });
    await expect(sent).rejects.toMatchObject({ code: 'broker_unavailable', retryable: true });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    await expect(producer.check()).rejects.toMatchObject({ code: 'broker_unavailable' });

    await broker.kill('SIGCONT');
    await until('taken again', async () => {
      const again = producer.send({ topic, key: 'k', value: Buffer.from('after') });
      return again.then(
        () => true,
        () => false,
      );
    });
    await producer.check();
    await sleep(2_000);
    // What nobody waits for any more is not sent again: at most the one that hung in the broker's socket.
    const record = createRecord();
    const consumer = await join(broker.url, {
      topics: [topic],
      handle: async ({ messages }) => record.add(messages),
    });
    await until('read', () => record.distinct().has('after'));
    expect(record.seen.filter((text) => text === 'during').length).toBeLessThanOrEqual(1);
    await consumer.stop();
    await producer.close();
  });

  it('what was acknowledged is in the log although the broker was killed (PostHog #7905)', async () => {
    const broker = ownBroker();
    const topic = await makeTopic(broker.url, { partitions: 3 });
    const groupId = `contract.${randomUUID()}`;
    const producer = createProducer({ brokers: [broker.url], clientId: 'contract', logger });
    await producer.connect();
    const record = createRecord();
    const consumer = await join(broker.url, {
      topics: [topic],
      groupId,
      handle: async ({ messages }) => record.add(messages),
    });
    const acknowledged = new Set<string>();
    let next = 0;
    let sending = true;
    const senders = numbers(4).map(async () => {
      while (sending) {
        const text = String(next++);
        await producer.send({ topic, key: text, value: Buffer.from(text) }).then(
          () => acknowledged.add(text),
          () => undefined,
        );
        await sleep(2);
      }
    });
    await until('flowing', () => acknowledged.size > 200 && record.seen.length > 100);
    const before = acknowledged.size;
    await broker.kill();
    await expect(producer.send({ topic, key: 'x', value: Buffer.from('x') })).rejects.toMatchObject({
      code: 'broker_unavailable',
    });
    await broker.restart();
    await until('acknowledged again', () => acknowledged.size > before + 200);
    sending = false;
    await Promise.all(senders);
    await until('all of it read', () => {
      const read = record.distinct();
      return [...acknowledged].every((text) => read.has(text));
    });
    await until('no lag', async () => (await consumer.lag()).every(({ lag }) => lag === 0));
    await consumer.check();
    await consumer.stop();
    await producer.close();
  });

  it('a consumer with a batch in hand outlives a broker that comes back soon (svix #1844: a worker in limbo)', () =>
    outliveOutage(ownBroker(), 500));
});
