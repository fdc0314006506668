import { randomUUID } from 'node:crypto';
import { createLogger } from '@switchboard/platform';
import { expect, inject, it } from 'vitest';
import { awaitFinished } from './await-finished.ts';
import {
  createLogReader,
  createProducer,
  ensureTopics,
  fullTopicName,
  groupOf,
  runConsumer,
} from './index.ts';

const brokers = [inject('engines').kafka];

it('what was put on a topic is waited for until its group has finished it, and other topics are not', async () => {
  const prefix = `t${randomUUID().slice(0, 8)}.`;
  await ensureTopics({ brokers, prefix, partitions: 2 });
  const producer = createProducer({ brokers, clientId: 'test', deadlineMs: 15_000 });
  await producer.connect();
  const topic = fullTopicName(prefix, 'message.received.v1');
  await producer.send({ topic, key: 'k', value: Buffer.from('put back'), headers: {} });
  await producer.close();
  const reader = createLogReader({ brokers, clientId: 'test', timeoutMs: 15_000 });
  const names = { topicPrefix: prefix, groupPrefix: prefix };
  try {
    expect(await awaitFinished(reader, names, ['message.received.v1'], Date.now())).toBe(false);
    expect(await awaitFinished(reader, names, ['voice-call.received.v1'], Date.now())).toBe(true);
    const waiting = awaitFinished(reader, names, ['message.received.v1'], Date.now() + 60_000);
    const consumer = await runConsumer({
      brokers,
      groupId: groupOf(prefix, 'message.received.v1'),
      topics: [topic],
      logger: createLogger({ service: 'test', level: 'silent' }),
      handle: async () => undefined,
    });
    expect(await waiting).toBe(true);
    await consumer.stop();
  } finally {
    reader.close();
  }
});
