import type { KafkaEngine } from '@switchboard/embedded';
import { sleep } from '@switchboard/platform';
import { expect } from 'vitest';
import { createProducer } from '../index.ts';
import { createRecord, join, logger, makeTopic, numbers, until } from './kit.ts';

/** Kills the broker for a while under a consumer with a batch in hand: all is read afterwards, and none of it twice. */
export async function outliveOutage(broker: KafkaEngine, awayMs: number): Promise<void> {
  const topic = await makeTopic(broker.url);
  const producer = createProducer({
    brokers: [broker.url],
    clientId: 'contract',
    logger,
    deadlineMs: 10_000,
  });
  await Promise.all(numbers(50).map((text) => producer.send({ topic, key: 'k', value: Buffer.from(text) })));
  const record = createRecord();
  const [inHand, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const consumer = await join(broker.url, {
    topics: [topic],
    maxBatchMessages: 10,
    sessionTimeoutMs: 6_000,
    async handle({ messages }) {
      record.add(messages);
      inHand.resolve();
      await go.promise;
    },
  });
  await inHand.promise;
  await broker.kill();
  await sleep(awayMs);
  go.resolve();
  await broker.restart();
  await record.has(50);
  // None twice: the commit of the batch in hand waits for the broker.
  expect(record.seen).toEqual(numbers(50));
  await until('no lag', async () => (await consumer.lag()).every(({ lag }) => lag === 0));
  await consumer.stop();
  await producer.close();
}
